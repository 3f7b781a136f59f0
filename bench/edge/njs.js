// njs as a body filter: the page in one piece, then its edits.
// Every request has a copy of this of its own.
let whole = "";

function edit(r, data, flags) {
    whole += data;
    if (!flags.last) return;
    const name = r.variables.cookie_visitor || "you";
    const page = whole
        .replace('<section id="hero" class="hero">', `$&<p class="eyebrow">Good to see you, ${name}</p>`)
        .replace('<p>Free delivery</p>', '$&<p>Ten percent off with WELCOME</p>')
        .replace('<h2>For you</h2>', `$&<p>Picked for ${name}</p>`);
    r.sendBuffer(page, flags);
}
function unknown_length(r) { delete r.headersOut["Content-Length"]; }
export default { edit, unknown_length };
