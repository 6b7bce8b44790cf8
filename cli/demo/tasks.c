/*
 * tasks.c - the tasks of the tale and what their programs print.
 */
#include "cli/demo/story.h"

/* clang-format off */
static const struct story_step ledger_steps[] = {
    {'I', 1, "connected to api.nordbank.example, TLS 1.3, 41 ms"},
    {'D', 1, "cursor of the last run: bk_{100000-999999}"},
    {'I', 6, "page {i} of {n}: {380-500} bookings"},
    {'D', 2, "reconciled account DE{10-99} 3704 0044 0532 0130 {10-99}: {12-180} matches"},
    {'I', 1, "{2100-2900} bookings read, {0-4} new counterparties"},
    {'I', 1, "done"},
    {0, 0, NULL},
};
static const struct story_step settlement_steps[] = {
    {'I', 1, "settlement window {1-24}, scheme VISA and MASTERCARD"},
    {'I', 4, "batch {i} of {n}: {210-940} transactions, {12000-98000}.{10-99} USD"},
    {'W', 1, "{1-6} transactions wait for a second presentment"},
    {'I', 1, "acknowledged by the acquirer, reference ACQ-{100000-999999}"},
    {0, 0, NULL},
};
static const struct story_step invoice_steps[] = {
    {'I', 1, "collecting what was delivered since yesterday"},
    {'I', 8, "invoice 2{10000-99999}: {1-9} positions, sent by mail"},
    {'W', 1, "customer {1000-9999} has no address for invoices: sent to the main one"},
    {'I', 1, "{52-61} invoices sent"},
    {0, 0, NULL},
};
static const struct story_step reminder_steps[] = {
    {'I', 1, "open items: {140-260}"},
    {'I', 5, "reminder {i}: customer {1000-9999}, {3-45} days late"},
    {'W', 1, "customer {1000-9999} has paid twice: left out, see booking {100000-999999}"},
    {0, 0, NULL},
};
static const struct story_step rates_steps[] = {
    {'I', 1, "reference rates read"},
    {'I', 1, "30 currencies stored"},
    {0, 0, NULL},
};
static const struct story_step stock_steps[] = {
    {'D', 1, "lock on table stock taken after {2-40} ms"},
    {'I', 1, "Hamburg: {1480-1610} articles, {2-31} below their level"},
    {'I', 1, "Wroclaw: {910-960} articles, {0-14} below their level"},
    {'I', 1, "Lyon: {1210-1290} articles, {0-22} below their level"},
    {'W', 1, "scanner {10-60} in Hamburg has not reported for {2-9} h"},
    {'I', 1, "levels published"},
    {0, 0, NULL},
};
static const struct story_step pick_steps[] = {
    {'I', 5, "hall {i}: {18-64} lists, {120-700} positions"},
    {'W', 1, "hall {1-5}: printer {1-8} is out of paper, its lists go to the next one"},
    {'I', 1, "all lists are with the pickers"},
    {0, 0, NULL},
};
static const struct story_step feed_steps[] = {
    {'I', 1, "11 suppliers, FTP and HTTPS"},
    {'P', 24, "feeds"},
    {'W', 2, "supplier {2-11}: {3-40} articles without a price"},
    {'I', 11, "supplier {i} of {n}: {2100-48000} articles"},
    {'I', 1, "{120-900} prices changed"},
    {0, 0, NULL},
};
static const struct story_step reorder_steps[] = {
    {'I', 1, "sales of 90 days read: {310000-360000} rows"},
    {'D', 4, "article group {i} of {n}: smoothing 0.{10-40}, error {2-9} %"},
    {'I', 1, "{12-88} articles to be ordered, {3-9} orders drafted"},
    {0, 0, NULL},
};
static const struct story_step stocktake_steps[] = {
    {'I', 1, "counting {3300-3900} places"},
    {'P', 30, "places"},
    {'W', 3, "place H{1-5}-{100-999}: {1-40} counted, {41-60} expected"},
    {'I', 1, "counted; {3-12} places to be looked at again"},
    {0, 0, NULL},
};
static const struct story_step customs_steps[] = {
    {'I', 1, "{4-40} consignments since the last export"},
    {'I', 3, "declaration 26GB{100000-999999}: accepted"},
    {0, 0, NULL},
};
static const struct story_step sales_steps[] = {
    {'I', 1, "orders since yesterday: {150-420}"},
    {'I', 1, "building 14 tables"},
    {'W', 1, "branch {2-40} has not closed its day: shown as provisional"},
    {'I', 1, "report written: sales.pdf, {380-720} KiB"},
    {'I', 1, "mailed to 23 people"},
    {0, 0, NULL},
};
static const struct story_step prices_steps[] = {
    {'I', 1, "waiting for the closing auction"},
    {'I', 1, "closing prices loaded: {2890-2940}"},
    {'D', 1, "{2-9} instruments halted"},
    {0, 0, NULL},
};
static const struct story_step month_steps[] = {
    {'I', 1, "ledgers frozen"},
    {'I', 12, "company {i} of {n}: balanced"},
    {'P', 20, "consolidation"},
    {'I', 1, "month closed"},
    {0, 0, NULL},
};
static const struct story_step transcode_steps[] = {
    {'I', 1, "uploads/{100000-999999}.mov: 3840x2160, {4-38} min, hevc"},
    {'D', 1, "codec libx264, preset slow, crf 21, {6-8} threads"},
    {'P', 36, "frames"},
    {'W', 1, "audio track 2 is {20-90} ms late: shifted"},
    {'I', 3, "rendition {i} of {n} uploaded, {80-900} MiB"},
    {0, 0, NULL},
};
static const struct story_step thumbnail_steps[] = {
    {'I', 1, "cuda device 0, {4-11} GiB free"},
    {'I', 3, "album {1000-9999}: {12-240} pictures"},
    {0, 0, NULL},
};
static const struct story_step archive_steps[] = {
    {'I', 1, "bucket cold-eu-1, {120-190} GiB to move"},
    {'P', 40, "objects"},
    {'I', 1, "checksums agree: {38000-52000} objects"},
    {0, 0, NULL},
};
static const struct story_step fax_steps[] = {
    {'I', 2, "fax to +49 40 {100000-999999}: {1-4} pages"},
    {'W', 1, "line is busy, trying again"},
    {0, 0, NULL},
};

const struct story_task story_tasks[] = {
    {.project = "billing", .key = "ledger-sync", .title = "Ledger sync", .team = "payments", .queue = "batch",
     .description = "Fetches the bookings of all bank accounts and reconciles them.",
     .expression = "*/20 * * * *", .zone = "Europe/Berlin", .payload = "{\"bank\": \"nordbank\", \"page\": 500}",
     .run_timeout_s = 600, .skips_overlap = true, .voice = VOICE_LOGGER, .usual_s = 6, .slow = 12, .fails = 4, .steps = ledger_steps},
    {.project = "billing", .key = "card-settlement", .title = "Card settlement", .team = "payments", .queue = "batch",
     .description = "Presents the card payments of the last hour to the acquirer.",
     .expression = "10 * * * *", .zone = "America/New_York", .payload = "{\"acquirer\": \"eastpay\", \"schemes\": [\"visa\", \"mastercard\"]}",
     .run_timeout_s = 1200, .start_deadline_s = 1800, .voice = VOICE_LOGGER, .usual_s = 21, .slow = 8, .fails = 3, .steps = settlement_steps},
    {.project = "billing", .key = "invoices", .title = "Invoices of the day", .team = "invoicing", .queue = "batch",
     .expression = "0 9 * * MON-FRI", .zone = "Asia/Kolkata", .payload = "{\"layout\": \"2026-04\", \"by\": \"mail\"}",
     .run_timeout_s = 3600, .start_deadline_s = 7200, .voice = VOICE_PLAIN, .usual_s = 95, .fails = 20, .steps = invoice_steps},
    {.project = "billing", .key = "payment-reminders", .title = "Payment reminders", .team = "invoicing", .queue = "batch",
     .expression = "30 10 * * TUE,THU", .zone = "Europe/Berlin", .payload = "{\"level\": 1}",
     .run_timeout_s = 1800, .start_deadline_s = 14400, .voice = VOICE_COLOUR, .usual_s = 40, .fails = 40, .steps = reminder_steps},
    {.project = "billing", .key = "exchange-rates", .title = "Exchange rates", .team = "payments", .queue = "batch",
     .description = "The reference rates of the central bank, which come shortly before four.",
     .expression = "5 16 * * MON-FRI", .zone = "Europe/Berlin", .payload = "{\"base\": \"EUR\"}",
     .start_deadline_s = 1800, .voice = VOICE_JSON, .usual_s = 2, .fails = 60, .steps = rates_steps},
    {.project = "billing", .key = "fax-invoices", .title = "Invoices by fax", .team = "invoicing", .queue = "batch",
     .expression = "0 11 * * MON-FRI", .zone = "Europe/Berlin", .payload = "{}",
     .run_timeout_s = 3600, .voice = VOICE_PLAIN, .usual_s = 140, .fails = 220, .steps = fax_steps},
    {.project = "warehouse", .key = "stock-levels", .title = "Stock levels", .team = "logistics", .queue = "batch",
     .description = "Counts what is on the shelves and tells the shop.",
     .expression = "*/15 * * * *", .zone = "Europe/Berlin", .payload = "{\"sites\": [\"HAM\", \"WRO\", \"LYS\"]}",
     .run_timeout_s = 120, .skips_overlap = true, .voice = VOICE_JSON, .usual_s = 24, .slow = 6, .fails = 3, .hangs = 3, .steps = stock_steps},
    {.project = "warehouse", .key = "pick-lists", .title = "Pick lists", .team = "logistics", .queue = "batch",
     .expression = "0 5-21 * * MON-SAT", .zone = "Europe/Berlin", .payload = "{\"halls\": 5}",
     .run_timeout_s = 600, .start_deadline_s = 900, .voice = VOICE_COLOUR, .usual_s = 11, .fails = 6, .steps = pick_steps},
    {.project = "warehouse", .key = "supplier-feeds", .title = "Supplier feeds", .team = "purchasing", .queue = "batch",
     .description = "Prices and articles of eleven suppliers. Slow when one of them is.",
     .expression = "25 */2 * * *", .zone = "Europe/Berlin", .payload = "{\"suppliers\": 11}",
     .run_timeout_s = 18000, .skips_overlap = true, .voice = VOICE_LOGGER, .usual_s = 2300, .slow = 45, .fails = 14, .steps = feed_steps},
    {.project = "warehouse", .key = "reorder-points", .title = "Reorder points", .team = "purchasing", .queue = "batch",
     .expression = "30 1 * * *", .zone = "America/New_York", .payload = "{\"days\": 90}",
     .run_timeout_s = 3600, .voice = VOICE_JSON, .usual_s = 180, .slow = 30, .fails = 15, .steps = reorder_steps},
    {.project = "warehouse", .key = "stocktake", .title = "Stocktake", .team = "logistics", .queue = "batch",
     .expression = "0 22 * * SUN", .zone = "Europe/Berlin", .payload = "{\"site\": \"HAM\"}",
     .run_timeout_s = 14400, .voice = VOICE_PLAIN, .usual_s = 3300, .fails = 60, .steps = stocktake_steps},
    {.project = "warehouse", .key = "customs-export", .title = "Customs export", .team = "logistics", .queue = "batch",
     .expression = "*/30 6-18 * * MON-FRI", .zone = "Europe/London", .payload = "{\"office\": \"GB000060\"}",
     .run_timeout_s = 900, .voice = VOICE_COLOUR, .usual_s = 8, .fails = 12, .steps = customs_steps},
    {.project = "reports", .key = "sales-europe", .title = "Sales, Europe", .team = "controlling", .queue = "batch",
     .expression = "0 7 * * MON-FRI", .zone = "Europe/Berlin", .payload = "{\"region\": \"europe\", \"format\": \"pdf\"}",
     .run_timeout_s = 3600, .voice = VOICE_PLAIN, .usual_s = 75, .fails = 25, .steps = sales_steps},
    {.project = "reports", .key = "sales-pacific", .title = "Sales, Pacific", .team = "controlling", .queue = "batch",
     .expression = "0 7 * * MON-FRI", .zone = "Pacific/Auckland", .payload = "{\"region\": \"pacific\", \"format\": \"pdf\"}",
     .run_timeout_s = 3600, .voice = VOICE_PLAIN, .usual_s = 60, .fails = 25, .steps = sales_steps},
    {.project = "reports", .key = "closing-prices", .title = "Closing prices", .team = "treasury", .queue = "batch",
     .expression = "30 16 * * MON-FRI", .zone = "America/New_York", .payload = "{\"exchange\": \"NYSE\"}",
     .run_timeout_s = 900, .start_deadline_s = 3600, .voice = VOICE_LOGGER, .usual_s = 14, .fails = 30, .steps = prices_steps},
    {.project = "reports", .key = "month-end", .title = "Month end", .team = "controlling", .queue = "batch",
     .expression = "0 6 1 * *", .zone = "Europe/Berlin", .payload = "{\"companies\": 12}",
     .run_timeout_s = 14400, .voice = VOICE_PLAIN, .usual_s = 1300, .steps = month_steps},
    {.project = "media", .key = "transcode", .title = "Transcode uploads", .team = "video", .queue = "media",
     .expression = "*/30 * * * *", .zone = "UTC", .payload = "{\"renditions\": [\"2160p\", \"1080p\", \"480p\"]}",
     .run_timeout_s = 7200, .skips_overlap = true, .voice = VOICE_PLAIN, .usual_s = 1250, .slow = 4, .fails = 9, .steps = transcode_steps},
    {.project = "media", .key = "thumbnails", .title = "Thumbnails", .team = "video", .queue = "gpu",
     .expression = "*/15 * * * *", .zone = "UTC", .payload = "{\"sizes\": [160, 480]}",
     .voice = VOICE_COLOUR, .usual_s = 50, .fails = 2, .steps = thumbnail_steps},
    {.project = "media", .key = "archive", .title = "Archive to cold storage", .team = "storage", .queue = "media",
     .expression = "0 */6 * * *", .zone = "UTC", .payload = "{\"bucket\": \"cold-eu-1\", \"older_than_days\": 30}",
     .run_timeout_s = 86400, .skips_overlap = true, .voice = VOICE_PLAIN, .usual_s = 2900, .fails = 8, .steps = archive_steps},
    {.key = NULL},
};
/* clang-format on */
