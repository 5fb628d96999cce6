/// What `lvs` printed of a thin pool, with the options of ``LVMReport/command``; wrapped, and some rows left out.
enum Captured {
    /// LVM 2.03.16.
    static let debian12 = #"""
        {
            "report": [
                {
                    "lv": [
                        {"vg_name":"vg0", "vg_uuid":"dYWAmP-O2jr-YEw9-kRzj-efZ5-hLP3-QYdbwJ", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"data0",
                         "lv_uuid":"Zzi3Ul-nhXC-5lAn-m3FP-kybT-lXgc-jFra7L", "lv_attr":"Vwi-aotz--",
                         "lv_size":"268435456", "lv_tags":"", "lv_path":"/dev/vg0/data0", "lv_health_status":"",
                         "lv_metadata_size":"", "pool_lv":"pool", "origin":"", "origin_uuid":"",
                         "data_percent":"7.23", "metadata_percent":"", "segtype":"thin", "thin_id":"1",
                         "transaction_id":"0", "chunk_size":"0"},
                        {"vg_name":"vg0", "vg_uuid":"dYWAmP-O2jr-YEw9-kRzj-efZ5-hLP3-QYdbwJ", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"data0_sp",
                         "lv_uuid":"AAPMLb-DNmZ-564j-WYbd-Xll2-Tsci-F1F87p", "lv_attr":"Vri---tz-k",
                         "lv_size":"268435456", "lv_tags":"stillpoint.mount=/srv/a!20b,stillpoint.set=x",
                         "lv_path":"/dev/vg0/data0_sp", "lv_health_status":"", "lv_metadata_size":"",
                         "pool_lv":"pool", "origin":"data0", "origin_uuid":"Zzi3Ul-nhXC-5lAn-m3FP-kybT-lXgc-jFra7L",
                         "data_percent":"", "metadata_percent":"", "segtype":"thin", "thin_id":"3",
                         "transaction_id":"2", "chunk_size":"0"},
                        {"vg_name":"vg0", "vg_uuid":"dYWAmP-O2jr-YEw9-kRzj-efZ5-hLP3-QYdbwJ", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"[lvol0_pmspare]",
                         "lv_uuid":"QsfGQl-Eov4-qViB-zwRY-Ftcq-nl1y-YmO5kz", "lv_attr":"ewi-------",
                         "lv_size":"4194304", "lv_tags":"", "lv_path":"", "lv_health_status":"",
                         "lv_metadata_size":"", "pool_lv":"", "origin":"", "origin_uuid":"", "data_percent":"",
                         "metadata_percent":"", "segtype":"linear", "thin_id":"", "transaction_id":"",
                         "chunk_size":"0"},
                        {"vg_name":"vg0", "vg_uuid":"dYWAmP-O2jr-YEw9-kRzj-efZ5-hLP3-QYdbwJ", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"pool",
                         "lv_uuid":"HkRu3e-cJKD-M93A-hqLI-zrpA-lwo2-6mIivx", "lv_attr":"twi-aotz--",
                         "lv_size":"536870912", "lv_tags":"", "lv_path":"", "lv_health_status":"",
                         "lv_metadata_size":"4194304", "pool_lv":"", "origin":"", "origin_uuid":"",
                         "data_percent":"3.66", "metadata_percent":"11.82", "segtype":"thin-pool", "thin_id":"",
                         "transaction_id":"4", "chunk_size":"65536"},
                        {"vg_name":"vg0", "vg_uuid":"dYWAmP-O2jr-YEw9-kRzj-efZ5-hLP3-QYdbwJ", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"[pool_tdata]",
                         "lv_uuid":"E6luEN-Bt5q-NzZG-hG7C-v2mf-aSQk-G0UFT1", "lv_attr":"Twi-ao----",
                         "lv_size":"536870912", "lv_tags":"", "lv_path":"", "lv_health_status":"",
                         "lv_metadata_size":"", "pool_lv":"", "origin":"", "origin_uuid":"", "data_percent":"",
                         "metadata_percent":"", "segtype":"linear", "thin_id":"", "transaction_id":"",
                         "chunk_size":"0"}
                    ]
                }
            ]
        }
        """#

    /// LVM 2.03.31: with a log beside the report.
    static let debian13 = #"""
        {
            "report": [
                {
                    "lv": [
                        {"vg_name":"vg0", "vg_uuid":"EqfXPE-rnVN-BRYn-2Qik-XPmu-dPB5-C4J2P1", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"data0",
                         "lv_uuid":"LCVHBu-4sNd-Gefb-8x7u-zLyB-Xahk-L3cJLf", "lv_attr":"Vwi-aotz--",
                         "lv_size":"268435456", "lv_tags":"", "lv_path":"/dev/vg0/data0", "lv_health_status":"",
                         "lv_metadata_size":"", "pool_lv":"pool", "origin":"", "origin_uuid":"",
                         "data_percent":"5.88", "metadata_percent":"", "segtype":"thin", "thin_id":"1",
                         "transaction_id":"0", "chunk_size":"0"},
                        {"vg_name":"vg0", "vg_uuid":"EqfXPE-rnVN-BRYn-2Qik-XPmu-dPB5-C4J2P1", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"data0_sp",
                         "lv_uuid":"ymZ8xX-vwxe-t3AC-uF4G-ymW6-YU2o-d3z2aX", "lv_attr":"Vri---tz-k",
                         "lv_size":"268435456", "lv_tags":"stillpoint.mount=/srv/a!20b,stillpoint.set=x",
                         "lv_path":"/dev/vg0/data0_sp", "lv_health_status":"", "lv_metadata_size":"",
                         "pool_lv":"pool", "origin":"data0", "origin_uuid":"LCVHBu-4sNd-Gefb-8x7u-zLyB-Xahk-L3cJLf",
                         "data_percent":"", "metadata_percent":"", "segtype":"thin", "thin_id":"3",
                         "transaction_id":"2", "chunk_size":"0"},
                        {"vg_name":"vg0", "vg_uuid":"EqfXPE-rnVN-BRYn-2Qik-XPmu-dPB5-C4J2P1", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"[lvol0_pmspare]",
                         "lv_uuid":"Nq1fxf-8d1Q-pAV7-A4aP-yu7w-L1uB-ll4pfW", "lv_attr":"ewi-------",
                         "lv_size":"4194304", "lv_tags":"", "lv_path":"", "lv_health_status":"",
                         "lv_metadata_size":"", "pool_lv":"", "origin":"", "origin_uuid":"", "data_percent":"",
                         "metadata_percent":"", "segtype":"linear", "thin_id":"", "transaction_id":"",
                         "chunk_size":"0"},
                        {"vg_name":"vg0", "vg_uuid":"EqfXPE-rnVN-BRYn-2Qik-XPmu-dPB5-C4J2P1", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"pool",
                         "lv_uuid":"N9qtis-LBR4-fVhp-BhYr-B0zm-zg91-zBTe24", "lv_attr":"twi-aotz--",
                         "lv_size":"536870912", "lv_tags":"", "lv_path":"", "lv_health_status":"",
                         "lv_metadata_size":"4194304", "pool_lv":"", "origin":"", "origin_uuid":"",
                         "data_percent":"2.97", "metadata_percent":"11.43", "segtype":"thin-pool", "thin_id":"",
                         "transaction_id":"4", "chunk_size":"65536"},
                        {"vg_name":"vg0", "vg_uuid":"EqfXPE-rnVN-BRYn-2Qik-XPmu-dPB5-C4J2P1", "vg_lock_type":"",
                         "vg_attr":"wz--n-", "vg_seqno":"14", "vg_tags":"", "lv_name":"[pool_tdata]",
                         "lv_uuid":"BsS4UK-EZG2-VCYl-Tx7S-9fbx-fBdA-zjwXfG", "lv_attr":"Twi-ao----",
                         "lv_size":"536870912", "lv_tags":"", "lv_path":"", "lv_health_status":"",
                         "lv_metadata_size":"", "pool_lv":"", "origin":"", "origin_uuid":"", "data_percent":"",
                         "metadata_percent":"", "segtype":"linear", "thin_id":"", "transaction_id":"",
                         "chunk_size":"0"}
                    ]
                }
            ]
            ,
            "log": [
            ]
        }
        """#
}
