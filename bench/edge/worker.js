// A page from memory through workerd's HTMLRewriter.
import page from "page";

export default {
  async fetch(request) {
    const name = /visitor=(\w+)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? "you";
    return new HTMLRewriter()
      .on("#hero", { element(e) { e.prepend(`<p class="eyebrow">Good to see you, ${name}</p>`, { html: true }); } })
      .on("[data-slot=offer]", { element(e) { e.append("<p>Ten percent off with WELCOME</p>", { html: true }); } })
      .on(".recommendations", { element(e) { e.append(`<p>Picked for ${name}</p>`, { html: true }); } })
      .transform(new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } }));
  },
};
