// What the module understands of consent strings is what was put into them by the IAB's own libraries.
//
//     node judge.mjs PERSONALIZE [SEED]
//
// Random strings of the Global Privacy Platform (all sections that @iabgpp/cmpapi has), US Privacy Strings and strings of
// the Transparency and Consent Framework go through `personalize probe consent`, as do damaged ones, which are never
// consent.
import { spawnSync } from "node:child_process";
import { GppModel, Sections } from "./node_modules/@iabgpp/cmpapi/lib/mjs/encoder/index.js";
import { GVL, TCModel, TCString } from "@iabtcf/core";

const [binary, seedText = "22"] = process.argv.slice(2);
let seed = Number(seedText);
console.log(`seed ${seed}`);

/// mulberry32: from 0 to below 1.
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const one = (list) => list[below(list.length)];
const chance = (p) => random() < p;

const OPT_OUTS = ["SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut"];
const FIRST_US = 7, EU = 2, CANADA = 5, USP = 6;
const ids = [...Sections.SECTION_ID_NAME_MAP.keys()];

/// Purposes that are agreed to, now and then all that matter.
function purposes() {
  const all = Array.from({ length: 24 }, () => chance(0.5));
  if (chance(0.5)) for (const purpose of [1, 5, 6, 8]) all[purpose - 1] = true;
  return all;
}
const agreed = (given) => ({
  personalization: given(1) && given(5) && given(6),
  measurement: given(1) && given(8),
});

/// Random values in a section; true if the visitor opted out there.
function fill(model, id) {
  const name = Sections.SECTION_ID_NAME_MAP.get(id);
  let out = false;
  for (const [field, now] of Object.entries(model.getSection(name))) {
    if (/Version$|^Gpc/.test(field)) continue;
    if (Array.isArray(now)) model.setFieldValue(name, field, now.map(() => below(3)));
    else if (field === "MspaCoveredTransaction") model.setFieldValue(name, field, 1 + below(2));
    else {
      const value = OPT_OUTS.includes(field) && chance(0.8) ? 2 * below(2) : below(3);
      model.setFieldValue(name, field, value);
      out ||= OPT_OUTS.includes(field) && value === 1;
    }
  }
  if (model.hasField(name, "Gpc") && chance(0.5)) {
    const gpc = chance(0.3);
    model.setFieldValue(name, "Gpc", gpc);
    out ||= gpc;
  }
  if (chance(0.5) && model.hasField(name, "GpcSegmentIncluded")) {
    model.setFieldValue(name, "GpcSegmentIncluded", false);
    out = OPT_OUTS.some((field) => model.hasField(name, field) && model.getFieldValue(name, field) === 1);
  }
  return out;
}

/// A GPP string and what it means.
function gpp() {
  const model = new GppModel();
  let out = false, tcf = null;
  const restrict = (given) => {
    const now = agreed(given);
    tcf = tcf ? { personalization: tcf.personalization && now.personalization, measurement: tcf.measurement && now.measurement } : now;
  };
  const eu = [], canada = [];
  for (const id of ids.filter(() => chance(0.15))) {
    const name = Sections.SECTION_ID_NAME_MAP.get(id);
    if (id === EU) {
      eu.push(purposes());
      model.setFieldValue(name, "PurposeConsents", eu[0]);
    } else if (id === CANADA) {
      canada.push(purposes(), purposes());
      model.setFieldValue(name, "PurposesExpressConsent", canada[0]);
      model.setFieldValue(name, "PurposesImpliedConsent", canada[1]);
    } else if (id === USP) {
      const sale = one("YNN-");
      model.setFieldValue(name, "Notice", one("YN-"));
      model.setFieldValue(name, "OptOutSale", sale);
      model.setFieldValue(name, "LspaCovered", one("YN-"));
      out ||= sale === "Y";
    } else if (id >= FIRST_US) {
      model.setFieldValue(name, "SaleOptOut", 0);
      out = fill(model, id) || out;
    }
  }
  // One bitwise "and" for a visitor who comes under both laws.
  const both = [...eu, ...(canada.length ? [canada[0].map((express, i) => express || canada[1][i])] : [])];
  if (both.length) restrict((purpose) => both.every((all) => all[purpose - 1]));
  return { text: model.encode(), out, tcf };
}

/// The library encodes nothing without a list of vendors.
const numbered = (count, more) => Object.fromEntries(Array.from({ length: count }, (_, i) => [i + 1, { id: i + 1, ...more }]));
const vendorList = new GVL({
  gvlSpecificationVersion: 3, vendorListVersion: 1, tcfPolicyVersion: 5, lastUpdated: "2026-01-01T00:00:00Z",
  purposes: numbered(24), specialPurposes: {}, features: {}, specialFeatures: numbered(2), stacks: {}, dataCategories: {},
  vendors: numbered(900, {
    name: "vendor", purposes: [1, 2], legIntPurposes: [2], flexiblePurposes: [], specialPurposes: [], features: [],
    specialFeatures: [],
  }),
});

function tcString() {
  const model = new TCModel(vendorList);
  Object.assign(model, { cmpId: 31, cmpVersion: 1, consentLanguage: "EN", publisherCountryCode: "IE" });
  const all = purposes();
  all.forEach((given, i) => given && model.purposeConsents.set(i + 1));
  for (let i = below(40); i > 0; --i) model.vendorConsents.set(1 + below(900));
  for (let i = below(10); i > 0; --i) model.vendorLegitimateInterests.set(1 + below(900));
  if (chance(0.5)) model.specialFeatureOptins.set(1);
  return { text: TCString.encode(model), ...agreed((purpose) => all[purpose - 1]) };
}

const silent = { personalization: true, measurement: true, source: "country" };
const refused = (source) => ({ personalization: false, measurement: false, source });
const rows = [];
const expect = (cookie, wanted) => rows.push({ input: { headers: { Cookie: cookie } }, wanted });

for (let round = 0; round < 5000; ++round) {
  const { text, out, tcf } = gpp();
  expect(`${one(["gpp", "__gpp"])}=${text}`, out ? refused("gpp") : tcf ? { ...tcf, source: "gpp" } : silent);
  if (chance(0.3)) {  // with a character that is none
    const at = 1 + below(text.length - 1);
    rows.push({ input: { headers: { Cookie: `gpp=${text.slice(0, at)}!${text.slice(at)}` } }, damaged: true });
  }
  if (chance(0.3) && text.includes("~")) {  // cut before what the last section says
    const size = 1 + below(text.lastIndexOf("~") + 3);
    rows.push({ input: { headers: { Cookie: `gpp=${text.slice(0, size)}` } }, damaged: true });
  }
}
for (const notice of "YN-yn") for (const sale of "YN-yn") for (const covered of "YN-")
  expect(`usprivacy=1${notice}${sale}${covered}`, /y/i.test(sale) ? refused("usprivacy") : silent);
for (const wrong of ["2YNN", "1YN", "1YNNN", "1Y N", "YYNN", "1YXN", "1"]) expect(`usprivacy=${wrong}`, refused("usprivacy"));
for (let round = 0; round < 2000; ++round) {
  const { text, ...wanted } = tcString();
  expect(`euconsent-v2=${text}`, { ...wanted, source: "tcf" });
}

const done = spawnSync(binary, ["probe", "consent"], {
  input: rows.map((row) => JSON.stringify(row.input)).join("\n") + "\n",
  encoding: "utf8",
  maxBuffer: 1 << 28,
});
if (done.status !== 0) throw new Error(done.stderr);
const answers = done.stdout.trim().split("\n").map((line) => JSON.parse(line));
if (answers.length !== rows.length) throw new Error(`${answers.length} answers to ${rows.length} questions`);
let wrong = 0, refusals = 0;
rows.forEach((row, i) => {
  const same = row.damaged
    ? answers[i].personalization === false && answers[i].measurement === false
    : ["personalization", "measurement", "source"].every((key) => answers[i][key] === row.wanted[key]);
  refusals += !answers[i].personalization;
  if (!same && ++wrong <= 10) console.log(JSON.stringify({ ...row, answer: answers[i] }));
});
console.log(`${rows.length} strings, ${refusals} of them no consent, ${wrong} understood differently`);
process.exit(wrong ? 1 : 0);
