// What the module writes in another way than this Node does, and why. The two have the same ICU, but not the same time
// zones: the module goes by those of Debian's tzdata, as all its rules do.

/// What zones are called. ICU has no name for what it does not know.
const ZONES = {
  "Asia/Almaty": "+05 since 2024 (tz 2024a)",
  "Africa/Cairo": "summer time since 2023 (tz 2023c)",
  "America/Ciudad_Juarez": "a zone of its own (tz 2022g)",
  "America/Mexico_City": "no summer time since 2022 (tz 2022f)",
};
const almaty = { from: Date.parse("2024-02-29T18:00:00Z") / 1000, offset: 5 * 3600 };

/// All three numbers in a row: hours, minutes and seconds are among them.
const triples = (text) => {
  const numbers = text.match(/\p{Nd}+/gu) ?? [];
  return numbers.slice(2).map((last, i) => [numbers[i], numbers[i + 1], last].join(":"));
};

/// Why `written` may differ from `wanted`; nothing if it may not.
export function explain({ filters, locale, zone, seconds, intl, written, wanted }) {
  if (filters === "upper" && locale === "hy" && written === wanted.replaceAll("ԵՒ", "ԵՎ"))
    return "hy, upper: V8 has no capitals of Armenian's own for և";
  // https://crbug.com/1414292: pages could not read what is new.
  const spaced = written.replaceAll("\u202f", " ");
  if (seconds !== undefined && spaced === wanted) return "V8 writes a space before AM and PM, CLDR since 42 a narrow one";
  if (!(zone in ZONES)) return undefined;
  const why = `${zone}: ${ZONES[zone]}`;
  // This Node may not know it: it is asked for that time in UTC.
  if (zone === "Asia/Almaty" && seconds >= almaty.from)
    wanted = intl(locale, { seconds: seconds + almaty.offset, timeZone: "UTC" });
  if (spaced === wanted) return why;
  const named = /^time: (full|long)$/.test(filters);
  return named && triples(written).some((one) => triples(wanted).includes(one)) ? `${why}, without its name` : undefined;
}
