// A page from memory through Bun's HTMLRewriter: bun bun.js PORT PAGE gzip|identity
import { readFileSync } from "node:fs";
const [port, path, encoding] = process.argv.slice(2);
const page = readFileSync(path);
Bun.serve({
  port: Number(port),
  hostname: "127.0.0.1",
  async fetch(request) {
    const name = /visitor=(\w+)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? "you";
    const edited = new HTMLRewriter()
      .on("#hero", { element(e) { e.prepend(`<p class="eyebrow">Good to see you, ${name}</p>`, { html: true }); } })
      .on("[data-slot=offer]", { element(e) { e.append("<p>Ten percent off with WELCOME</p>", { html: true }); } })
      .on(".recommendations", { element(e) { e.append(`<p>Picked for ${name}</p>`, { html: true }); } })
      .transform(new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } }));
    if (encoding !== "gzip") return edited;
    return new Response(Bun.gzipSync(new Uint8Array(await edited.arrayBuffer()), { level: 1 }), {
      headers: { "content-type": "text/html; charset=utf-8", "content-encoding": "gzip" },
    });
  },
});
