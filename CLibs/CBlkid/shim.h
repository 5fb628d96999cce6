// The importer reads one header; the library brings its own.
#include <blkid/blkid.h>
