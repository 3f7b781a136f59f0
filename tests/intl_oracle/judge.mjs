// What filters write is what Intl writes.
//
//     node judge.mjs PERSONALIZE [SEED [CASES]]
//
// Random values, languages, currencies, time zones and days go through `personalize probe filters` and through Intl of a
// Node that has the same ICU. What may differ all the same is in differences.mjs, by name; everything else must be equal.
import { spawnSync } from "node:child_process";
import { cases } from "./cases.mjs";
import { explain } from "./differences.mjs";

const [binary, seed = "13", count = "2000"] = process.argv.slice(2);
console.log(`seed ${seed}`);

function ask(lines) {
  const done = spawnSync(binary, ["probe", "filters"], { input: lines.join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(done.stderr);
  const answers = done.stdout.trim().split("\n").map((line) => JSON.parse(line));
  if (answers.length !== lines.length) throw new Error(`${answers.length} answers to ${lines.length} questions`);
  return answers;
}

const [ours] = ask(["{}"]);
const theirs = process.versions;
const major = (version) => version.split(".")[0];
console.log(`ICU ${ours.icu}, tz ${ours.tz}; Node's: ICU ${theirs.icu}, tz ${theirs.tz}`);
if (major(ours.icu) !== major(theirs.icu)) throw new Error("these have different data: ./run finds a Node that has the same");

const all = cases(Number(seed), Number(count));
const answers = ask(all.map(({ type, json, filters, locale, zone = "UTC" }) =>
  `{"type": "${type}", "value": ${json}, "filters": ${JSON.stringify(filters)}, "locale": "${locale}", "zone": "${zone}"}`));

const known = new Map();
let wrong = 0;
all.forEach((one, i) => {
  const wanted = one.intl(one.locale), written = answers[i].output;
  if (written === wanted) return;
  const why = written === undefined ? undefined : explain({ ...one, written, wanted });
  if (why) known.set(why, (known.get(why) ?? 0) + 1);
  else if (++wrong <= 30) {
    const { type, json, filters, locale, zone } = one;
    console.log(JSON.stringify({ type, json, filters, locale, zone, wanted, ...answers[i] }));
  }
});
for (const [why, times] of known) console.log(`${String(times).padStart(5)} ${why}`);
console.log(`${all.length} values, ${wrong} written differently`);
process.exit(wrong ? 1 : 0);
