// Random cases, each with what is asked of the filters and what of Intl.

/// mulberry32: from 0 to below 1.
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const LOCALES = `en en-US en-GB en-IE en-IN en-CA en-AU en-ZA en-TH en-IR de de-DE de-AT de-CH de-LI de-TH fr fr-FR fr-CA fr-CH
  es es-ES es-MX es-AR es-419 pt-BR pt-PT it it-CH nl nl-BE sv nb no da fi pl cs sk hu ro bg el tr ru uk be lt lv et sl hr sr
  sr-Latn-RS ca cy he ar ar-EG ar-SA ar-MA ar-AE fa ur hi hi-u-nu-deva bn mr ta te th th-u-ca-gregory vi id ms fil ja
  ja-u-ca-japanese ko zh zh-CN zh-TW zh-HK zh-u-ca-roc ka hy kk sw af ar-EG-u-nu-latn en-u-ca-buddhist fa-u-ca-gregory
  de-u-nu-arab`.split(/\s+/);
const CURRENCIES = `EUR USD GBP CHF JPY KRW CLP ISK VND UGX KWD BHD TND JOD INR CNY BRL MXN HUF CZK PLN SEK TRY TWD IDR IRR
  COP LBP XAF CLF MRU ZZZ`.split(/\s+/);
const ZONES = `UTC Europe/Dublin Europe/Berlin Europe/Moscow Europe/Paris America/New_York America/St_Johns
  America/Mexico_City America/Sao_Paulo America/Caracas Africa/Cairo Africa/Monrovia Africa/Johannesburg Asia/Tokyo
  Asia/Kathmandu Asia/Almaty Asia/Tehran Asia/Kolkata Asia/Amman Australia/Lord_Howe Pacific/Apia Pacific/Kiritimati
  America/Ciudad_Juarez Europe/Kyiv`.split(/\s+/);
const STYLES = ["short", "medium", "long", "full"];
const PARTS = [
  ["EEEEdMMMM", { weekday: "long", day: "numeric", month: "long" }],
  ["yMMMd", { year: "numeric", month: "short", day: "numeric" }],
  ["yMMMMEEEEd", { year: "numeric", month: "long", weekday: "long", day: "numeric" }],
  ["yMd", { year: "numeric", month: "numeric", day: "numeric" }],
  ["MMMd", { month: "short", day: "numeric" }],
  ["yMMMM", { year: "numeric", month: "long" }],
  ["MMMM", { month: "long" }],
  ["EEEE", { weekday: "long" }],
  ["y", { year: "numeric" }],
  ["d", { day: "numeric" }],
  ["GyMMMd", { era: "short", year: "numeric", month: "short", day: "numeric" }],
  ["jmm", { hour: "numeric", minute: "2-digit" }],
  ["Hmm", { hour: "numeric", minute: "2-digit", hourCycle: "h23" }],
];
const NUMBERS = [
  0, -0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.05, 0.125, 0.375, 1.005, 2.675, 1.255, 8.345, 10.235, 0.0005, 0.00005, -0.004,
  -0.4, 0.9999, 999.995, 1234.5, 12345.678, 999999.5, 1e6, 1e15, 9007199254740991, 9007199254740993, 1e21, 1.5e21, 1e100,
  1.7976931348623157e308, 5e-324, 1e-7, 0.1 + 0.2, 11.3, 100, 7, 1000, 9999, 10000,
];
const INTEGERS = [0n, 1n, -1n, 999n, 1000n, -1234567n, 9007199254740993n, 9223372036854775807n, -9223372036854775808n];
const DAY = 86400;
// Where calendars were mended, the last Julian day and around it; where the year is one, and before Christ.
const DAYS = ["1582-10-04", "1582-10-05", "1582-10-14", "1582-10-15", "1752-09-02", "1969-12-31", "1970-01-01", "0001-01-01",
  "0099-12-31", "0100-03-01", "1000-02-28", "1500-02-28", "1500-03-01", "1900-02-28", "2000-02-29", "2024-02-29", "9999-12-31",
  "-000001-12-31", "-000043-03-15", "+010000-01-01", "0000-02-29"];
const WORDS = ["istanbul", "İSTANBUL", "IĞDIR ılık", "straße", "ΌΔΟΣ", "Άλφα ός", "ĳsje", "ĮŠĖJO į̇", "ﬁn ǆ", "éÉ ß ẞ", "ქართული",
  "հայերեն և", "Ⅷ ⓐ", "𐐨𐐀", "ñandú", "O’Neill"];

export function cases(seed, count) {
  const random = generator(seed);
  const below = (n) => Math.floor(random() * n);
  const one = (list) => list[below(list.length)];
  const chance = (p) => random() < p;

  function number() {
    if (chance(0.4)) return one(NUMBERS);
    const value = (random() - 0.3) * 10 ** (below(12) - 3);
    return chance(0.5) ? Number(value.toFixed(below(5))) : value;
  }

  function numeric() {
    if (chance(0.2)) {
      const value = one(INTEGERS);
      return { type: "int", json: String(value), value };
    }
    const value = number();
    return { type: "double", json: Object.is(value, -0) ? "-0.0" : JSON.stringify(value), value };
  }

  /// Seconds since 1970.
  function moment() {
    if (chance(0.6)) return 1577836800 + below(20 * 365 * DAY);
    if (chance(0.5)) return below(80 * 365 * DAY) - 30 * 365 * DAY;
    return Math.floor((random() - 0.6) * 4e11);
  }

  function money() {
    const currency = one(CURRENCIES), options = { style: "currency", currency };
    if (chance(0.6)) return [`money: "${currency}"`, options];
    const digits = below(5);
    return [`money: "${currency}", ${digits}`, { ...options, minimumFractionDigits: digits, maximumFractionDigits: digits }];
  }

  function of_number() {
    const { type, json, value } = numeric();
    const [filters, options] = one([
      money, money,
      () => ["number", {}],
      () => ["percent", { style: "percent" }],
      () => { const n = below(6); return [`number: ${n}`, { minimumFractionDigits: n, maximumFractionDigits: n }]; },
      () => { const n = below(4); return [`percent: ${n}`, { style: "percent", minimumFractionDigits: n, maximumFractionDigits: n }]; },
    ])();
    return { type, json, filters, intl: (locale) => new Intl.NumberFormat(locale, options).format(value) };
  }

  function style_of_date() {
    const style = one(STYLES);
    return one([
      () => [`date: ${style}`, { dateStyle: style }],
      () => ["date", { dateStyle: "medium" }],
      () => [`time: ${one(STYLES)}`, null],
      () => ["time", { timeStyle: "short" }],
      () => [`datetime: ${style}`, { dateStyle: style, timeStyle: "short" }],
      () => ["datetime", { dateStyle: "medium", timeStyle: "short" }],
      () => { const [parts, options] = one(PARTS); return [`date: "${parts}"`, options]; },
    ])();
  }

  function of_date() {
    let [filters, options] = style_of_date();
    options ??= { timeStyle: filters.slice("time: ".length) };
    if (chance(0.3)) {
      const day = one(DAYS);
      const written = (locale) => new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(new Date(day + "T00:00:00Z"));
      return { type: "string", json: JSON.stringify(day), filters, seconds: Date.parse(day) / 1000, intl: written };
    }
    const seconds = moment(), zone = one(ZONES);
    const written = (locale, when = { seconds, timeZone: zone }) =>
      new Intl.DateTimeFormat(locale, { ...options, timeZone: when.timeZone }).format(new Date(when.seconds * 1000));
    return { type: "timestamp", json: String(seconds), filters, zone, seconds, intl: written };
  }

  function of_letters() {
    const text = one(WORDS), upper = chance(0.5);
    const written = (locale) => (upper ? text.toLocaleUpperCase(locale) : text.toLocaleLowerCase(locale));
    return { type: "string", json: JSON.stringify(text), filters: upper ? "upper" : "lower", intl: written };
  }

  return Array.from({ length: count }, () => {
    const locale = one(LOCALES);
    const made = one([of_number, of_number, of_number, of_date, of_date, of_date, of_letters])();
    return { ...made, locale };
  });
}
