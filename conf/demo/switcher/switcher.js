// Two frames, each showing /__demo/as/ADDRESS/DEVICE/VISITOR/PATH. Who they show is in the page's fragment:
// #PLACE,TIME,DEVICE,PROFILE,PATH;PLACE,…  so that it can be bookmarked and sent to someone.
const widths = { iphone: 390, android: 412, ipad: 820, laptop: 1280, crawler: 1280 };
const agents = {  // short forms that are recognized as well, to be copied from the page
  iphone: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)", android: "Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile",
  ipad: "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X)", crawler: "Googlebot/2.1",
};
const first = ["Dublin,8,laptop,aoife,/", "Sydney,13,iphone,nobody,/"];

function address(network, time) {
  // Each place has 32 addresses: the first eight in its own time zone, then one for each zone from UTC-12 on.
  const [a, b, c, base] = network.split("/")[0].split(".").map(Number);
  if (time === "now") return [a, b, c, base + 1].join(".");
  const offset = ((Number(time) - new Date().getUTCHours() + 36) % 24) - 12;
  return [a, b, c, base + 20 + offset].join(".");
}

class Visitor {
  constructor(section, places, description, changed) {
    const [place, time, device, profile, ...path] = description.split(",");
    this.section = section;
    this.places = places;
    this.changed = changed;
    this.path = path.join(",") || "/";
    this.form = section.querySelector("form");
    this.frame = section.querySelector("iframe");
    Object.entries({ place, time, device, profile }).forEach(([name, value]) => { this.form.elements[name].value = value; });
    this.form.addEventListener("change", () => this.show());
    section.querySelector(".back").addEventListener("click", () => this.go("/"));
    this.frame.addEventListener("load", () => this.arrived());
    new ResizeObserver(() => this.fit()).observe(section.querySelector(".screen"));
    this.show();
  }

  value(name) { return this.form.elements[name].value; }

  describe() { return [...["place", "time", "device", "profile"].map((name) => this.value(name)), this.path].join(","); }

  prefix() {
    const place = this.places.find((candidate) => candidate.city === this.value("place"));
    return `/__demo/as/${address(place.network, this.value("time"))}/${this.value("device")}/${this.value("profile")}`;
  }

  go(path) { this.path = path; this.show(); }

  async show() {
    this.changed();
    this.fit();
    const url = this.prefix() + this.path;
    const drawn = new Promise((resolve) => this.frame.addEventListener("load", resolve, { once: true }));
    this.frame.contentWindow.location.replace(url);
    await drawn;  // takes the processors for itself; asked meanwhile, the server would seem slow
    const answers = [];
    while (answers.length < 5) answers.push((await fetch(url, { cache: "no-store" })).headers);
    if (url !== this.prefix() + this.path) return;  // another visitor by now
    const find = (name) => this.section.querySelector(name);
    const byTime = answers.sort((a, b) => a.get("X-Time-us") - b.get("X-Time-us"));
    const headers = byTime[2];  // the median: some were interrupted by what else this machine does
    find(".path").textContent = this.path;
    const way = { splice: "put together", stream: "streamed" }[headers.get("X-Path")];
    find(".took").textContent = headers.get("X-Time-us")
      ? `decided in ${headers.get("X-Time-us")} µs${way ? `, ${way}` : ""}` : "";
    find(".decisions").replaceChildren(...(headers.get("X-Decisions") || "").split(",").filter(Boolean).map((decision) => {
      const [slot, rule] = decision.split("=");
      const chip = document.createElement("span");
      chip.append(`${slot} ← `, Object.assign(document.createElement("b"), { textContent: rule }));
      return chip;
    }));
    if (!find(".decisions").firstChild) find(".decisions").textContent = headers.get("X-Skipped") || "The shop's own page";
    const profile = this.value("profile");
    find(".curl").textContent = `curl -H 'X-Forwarded-For: ${this.prefix().split("/")[3]}'`
      + (agents[this.value("device")] ? ` -A '${agents[this.value("device")]}'` : "")
      + (profile === "nobody" ? "" : ` -b visitor=${profile}`) + ` ${location.origin}${this.path}`;
  }

  arrived() {
    // The shop's links know nothing of the switcher: follow them as the same visitor.
    this.frame.contentDocument.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (!link) return;
      event.preventDefault();
      const url = new URL(link.href);
      if (url.origin === location.origin) this.go(url.pathname + url.search);
    });
    this.frame.contentDocument.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(event.target);
    });
  }

  async send(form) {
    const fields = new URLSearchParams(new FormData(form));
    const path = new URL(form.action).pathname;
    if (form.method !== "post") return this.go(`${path}?${fields}`);
    await fetch(this.prefix() + path, { method: "POST", body: fields, redirect: "manual" });
    return this.go("/cart");
  }

  fit() {
    const screen = this.section.querySelector(".screen");
    const width = widths[this.value("device")];
    this.section.querySelector(".browser").style.maxWidth = width < 700 ? `${width + 60}px` : "";
    const scale = screen.clientWidth / width;
    Object.assign(this.frame.style, { width: `${width}px`, height: `${screen.clientHeight / scale}px`, transform: `scale(${scale})` });
  }
}

/// What an event is about, in a few words.
function about(event) {
  const shown = (event.shown || []).filter((exposure) => exposure.applied).map((exposure) => exposure.rule);
  const items = (event.items || []).map((item) => item.item_id);
  return [event.search_term && `“${event.search_term}”, ${event.results ?? "?"} results`, items.join(", "),
    event.transaction_id && `order ${event.transaction_id}`, event.value !== undefined && `${event.currency} ${event.value}`,
    shown.length && `shown: ${shown.join(", ")}`].filter(Boolean).join(" · ");
}

/// Shows the end of the log of events, again and again.
async function follow(list) {
  const bytes = 16000;
  const answer = await fetch("events", { headers: { Range: `bytes=-${bytes}` }, cache: "no-store" }).catch(() => null);
  const lines = answer?.ok ? (await answer.text()).split("\n").filter((line) => line.startsWith('{"time":')) : [];
  list.replaceChildren(...lines.slice(-8).reverse().map((line) => {
    const event = JSON.parse(line);
    const row = document.createElement("li");
    const cell = (name, text) => Object.assign(document.createElement("span"), { className: name, textContent: text });
    row.append(cell("when", new Date(event.time).toLocaleTimeString("en-GB")), cell("who", event.visitor),
      cell("what", event.name), cell("which", about(event)));
    return row;
  }));
  setTimeout(follow, 1000, list);
}

async function start() {
  const [places, profiles] = await Promise.all(["places.json", "profiles.json"].map(async (name) => (await fetch(name)).json()));
  const template = document.querySelector("template").content;
  const hour = (zone) => new Date().toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  for (const place of places) {
    template.querySelector("[name=place]").append(new Option(`${place.city} (${hour(place.zone)}, ${place.weather.condition})`, place.city));
  }
  for (const [id, profile] of Object.entries(profiles)) {
    template.querySelector("[name=profile]").append(new Option(`${profile.first_name}, ${profile.tier || "new"}`, id));
  }
  const visitors = [];
  const remember = () => history.replaceState(null, "", `#${visitors.map((visitor) => visitor.describe()).join(";")}`);
  const described = decodeURIComponent(location.hash.slice(1)).split(";").filter(Boolean);
  for (const fallback of first) {
    const section = template.cloneNode(true).firstElementChild;
    document.querySelector("main").append(section);
    visitors.push(new Visitor(section, places, described[visitors.length] || fallback, remember));
  }
  remember();
  follow(document.querySelector("#events ol"));
  const count = (two) => {
    visitors[1].section.hidden = !two;
    visitors[1].section.style.display = two ? "" : "none";
    document.querySelector("#both").setAttribute("aria-pressed", two);
    document.querySelector("#one").setAttribute("aria-pressed", !two);
  };
  document.querySelector("#both").addEventListener("click", () => count(true));
  document.querySelector("#one").addEventListener("click", () => count(false));
}

start();
