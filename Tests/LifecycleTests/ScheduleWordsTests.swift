import Testing

@testable import Lifecycle

@Suite struct ScheduleWordsTests {
    @Test(
        "schedules in words",
        arguments: [
            ("cron", "*/15 * * * *", "every 15 minutes"), ("cron", "* * * * *", "every minute"),
            ("cron", "@hourly", "every hour"), ("cron", "5 * * * *", "every hour from minute 5"),
            ("cron", "5,10,40 * * * *", "every hour at minutes 5, 10 and 40"),
            ("cron", "5-59/15 * * * *", "every 15 minutes from minute 5"),
            ("cron", "0 2 * * 1-5", "at 02:00 on Monday to Friday, Europe/Berlin"),
            ("cron", "0 2 * * *", "at 02:00 every day, Europe/Berlin"),
            ("cron", "0 2,14 * * 0,6", "at 02:00 and 14:00 on Saturday and Sunday, Europe/Berlin"),
            ("cron", "*/15 9-17 * * *", "every 15 minutes from 09:00 to 17:45, Europe/Berlin"),
            ("cron", "0 */6 * * *", "every 6 hours, Europe/Berlin"),
            ("cron", "30 */6 * * *", "every 6 hours from 00:30, Europe/Berlin"),
            ("cron", "7,9 1-5 * * *", "10 times from 01:07 to 05:09, Europe/Berlin"),
            ("cron", "0 0 1,15 * *", "at 00:00 on days 1 and 15 of the month, Europe/Berlin"),
            ("cron", "0 0 13 * 5", "at 00:00 on day 13 of the month or on Friday, Europe/Berlin"),
            (
                "cron", "0 0 */10 * 5",
                "at 00:00 on days 1, 11, 21 and 31 of the month if that is Friday, Europe/Berlin"
            ),
            ("cron", "0 0 * 1-3 *", "at 00:00 every day of January to March, Europe/Berlin"),
            ("cron", "0 0 * 7 1", "at 00:00 on Monday in July, Europe/Berlin"),
            ("cron", "cron(0 0 L * ? *)", "at 00:00 on the last day of the month, Europe/Berlin"),
            (
                "cron", "cron(0 0 LW 2 ? 2026,2028)",
                "at 00:00 on the last working day of February in 2026 and 2028, Europe/Berlin"
            ),
            (
                "cron", "cron(0 0 1,15W * ? *)",
                "at 00:00 on day 1 and the working day nearest to day 15 of the month, Europe/Berlin"
            ),
            ("cron", "cron(0 0 ? * MON#2 *)", "at 00:00 on the second Monday of the month, Europe/Berlin"),
            ("cron", "cron(0 0 ? * 6L *)", "at 00:00 on the last Friday of the month, Europe/Berlin"),
            ("cron", "cron(0 0 * * ? 2027)", "at 00:00 every day in 2027, Europe/Berlin"),
            (
                "calendar", "Mon *-05~07/1 06:00",
                "at 06:00 on days 1 to 7 from the end of May if that is Monday, Europe/Berlin"
            ),
            ("calendar", "Mon *:0/15", "every 15 minutes on Monday, Europe/Berlin"),
            ("interval", "12 HOURS 09:30", "at 09:30 and 21:30 every day, Europe/Berlin"),
            ("interval", "3 DAYS 02:00", "at 02:00 every 3 days, Europe/Berlin"),
            ("interval", "1 WEEKS 02:00", "at 02:00 on Monday, Europe/Berlin"),
            ("interval", "2 WEEKS", "at 00:00 on Monday every 2 weeks, Europe/Berlin"),
            ("every", "15m", "every 15 minutes"), ("every", "90m", "every 90 minutes from midnight, Europe/Berlin"),
            ("every", "7h", "every 7 hours"), ("every", "1d", "at 00:00 every day, Europe/Berlin"),
        ])
    func words(kind: String, text: String, words: String) throws {
        #expect(try Schedule(kind, text, "Europe/Berlin").words == words)
    }
}
