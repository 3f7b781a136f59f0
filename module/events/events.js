/* Reports what only the browser knows to `personalize_events`: what the shop itself pushes to its dataLayer, in GA4's
 * words, and how long the page was looked at. <script async src="/events.js" data-to="/events" data-names="add_to_cart
 * remove_from_cart"></script> */
(function(w, d, n) {
var said = (d.currentScript || {}).dataset || {}, to = said.to || '/events';
if (!n.sendBeacon || n.globalPrivacyControl || n.webdriver || w.personalizeEvents) return;
w.personalizeEvents = 1;

var names = said.names || 'view_item view_item_list select_item add_to_cart remove_from_cart add_to_wishlist';
var max = 15000, queue = [], timer, since;  // bytes; events as JSON; since when the page is visible

function size(json) {
  return new Blob([json]).size;
}
function text(value) {
  return value == null || typeof value == 'object' ? undefined : String(value).slice(0, 120);
}
function amount(value) {
  value = parseFloat(value);
  return value >= 0 && value < 1e12 ? value : undefined;
}
function item(i) {
  var count = amount(i.quantity);
  return {
    item_id: text(i.item_id || i.id),
    item_name: text(i.item_name || i.name),
    item_brand: text(i.item_brand),
    item_category: text(i.item_category),
    item_variant: text(i.item_variant),
    price: amount(i.price),
    quantity: count && Math.min(Math.round(count), 1e6)
  };
}
function send() {
  clearTimeout(timer);
  timer = 0;
  while (queue.length) {
    var batch = queue.shift(), count = 1;
    while (queue.length && count++ < 50 && size(batch + queue[0]) < max) batch += ',' + queue.shift();
    n.sendBeacon(to, '{"events":[' + batch + ']}');
  }
}
function add(event) {
  var json;
  event.path = w.location.pathname;
  while (size((json = JSON.stringify(event))) > max) event.items.pop();
  queue.push(json);
  timer = timer || setTimeout(send, 1000);
}
function read(entry) {
  try {
    var gtag = entry[0] == 'event', name = gtag ? entry[1] : entry.event;
    if (typeof name != 'string' || (' ' + names + ' ').indexOf(' ' + name + ' ') < 0) return;
    var data = (gtag ? entry[2] : entry.ecommerce || entry) || {}, currency = text(data.currency);
    var items = [].slice.call(data.items || [], 0, 200).map(item).filter(function(i) {
      return i.item_id;
    });
    if (items[0])
      add({
        name: name,
        items: items,
        value: amount(data.value),
        currency: /^[A-Z]{3}$/.test(currency) ? currency : undefined
      });
  } catch (e) { /* it is the shop's, and may be anything */
  }
}
function come() {
  since = Date.now();
}
function leave() {
  var seen = since ? Date.now() - since : 0;
  since = 0;
  if (seen >= 1000) add({name: 'dwell', duration: Math.min(seen, 864e5)});
  send();
}
function watch() {
  var layer = (w.dataLayer = w.dataLayer || []), push = layer.push;
  [].forEach.call(layer, read);
  layer.push = function() {
    var result = push.apply(layer, arguments);
    [].forEach.call(arguments, read);
    return result;
  };
  if (d.visibilityState == 'visible') come();
  d.addEventListener('visibilitychange', function() {
    (d.visibilityState == 'visible' ? come : leave)();
  });
  w.addEventListener('pagehide', leave);
  w.addEventListener('pageshow', function(e) {
    if (e.persisted) come();
  });
}

if (d.prerendering)
  d.addEventListener('prerenderingchange', watch, {once: true});
else
  watch();
})(window, document, navigator);
