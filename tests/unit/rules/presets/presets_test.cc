// What the presets make of requests to these shops. Pages have nothing but what the shops' own templates have, which
// decides: ids, classes, names of fields. Where each was found:
//
// - WooCommerce, woocommerce/woocommerce, plugins/woocommerce/: templates/content-single-product.php,
//   templates/single-product/add-to-cart/{simple,variation-add-to-cart-button,grouped}.php, templates/cart/{cart,
//   mini-cart}.php, templates/loop/result-count.php, templates/checkout/thankyou.php,
//   includes/class-wc-form-handler.php
// - Magento, magento/magento2, app/code/Magento/: Catalog/view/frontend/templates/product/view/{form,opengraph/general}
//   .phtml, Catalog/view/frontend/templates/product/list/toolbar/amount.phtml, Catalog/Helper/Product/View.php,
//   Checkout/view/frontend/templates/success.phtml, Checkout/Controller/Sidebar/RemoveItem.php
// - Shopware, shopware/shopware, src/Storefront/Resources/views/storefront/: base.html.twig, component/buy-widget/
//   {buy-widget,buy-widget-form}.html.twig, component/checkout/hidden-line-items-information.html.twig,
//   page/checkout/finish/finish-details.html.twig, page/search/index.html.twig
// - PrestaShop, PrestaShop/classic-theme, templates/: layouts/layout-both-columns.tpl, catalog/product.tpl,
//   catalog/_partials/products-top.tpl, checkout/order-confirmation.tpl, checkout/_partials/{order-confirmation-table,
//   cart-detailed-product-line}.tpl; PrestaShop/PrestaShop, controllers/front/CartController.php
#include "rules/presets/presets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/rules/events/recorded.h"

namespace personalize::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view urlencoded = "application/x-www-form-urlencoded; charset=UTF-8";

class Shop : public Recorded {
 public:
  explicit Shop(const std::string& preset) : Recorded("version: 1\ninclude: personalize:" + preset + "\n") {
    EXPECT_THAT(messages(), IsEmpty());
    query({});
  }
};

/// One part per line of "name=value".
std::string multipart(std::initializer_list<std::pair<std::string, std::string>> fields) {
  std::string body;
  for (const auto& [name, value] : fields)
    body += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  return body + "--b--\r\n";
}

TEST(Presets, AreAllThere) {
  std::vector<std::string_view> names;
  for (const Preset& preset : presets()) names.push_back(preset.name);
  EXPECT_THAT(names, ElementsAre("magento2", "prestashop", "shopware6", "woocommerce"));
  EXPECT_FALSE(find_preset("oscommerce"));
}

TEST(Presets, KnowPagesOfWooCommerce) {
  Shop shop("woocommerce");
  EXPECT_EQ(shop.page("<body class='home page'>").json("GET", "/"), R"({"name":"page_view"})");
  EXPECT_EQ(shop.page("<body class='single single-product postid-15 woocommerce'><div id=product-15 class='product "
                      "type-product'><h1 class=product_title>Beanie</h1><form class=cart><button name=add-to-cart "
                      "value=15></button></form></div><ul class=products><li class=product>")
                .json("GET", "/produkt/beanie/"),
            R"({"name":"view_item","items":[{"item_id":"15","item_name":"Beanie"}]})");
  EXPECT_EQ(shop.page("<body class='single-product postid-16'><h1 class='wp-block-post-title'>Cap</h1><form class=cart>"
                      "<input type=hidden name=add-to-cart value=16>")
                .json("GET", "/product/cap/"),
            R"({"name":"view_item","items":[{"item_id":"16","item_name":"Cap"}]})")
      << "a block theme";
  EXPECT_EQ(shop.page("<body class='archive tax-product_cat term-hoodies woocommerce'>").json("GET", "/x/hoodies/"),
            R"({"name":"view_item_list"})");
  EXPECT_EQ(shop.page("<body class='woocommerce-cart woocommerce-page page'>").json("GET", "/warenkorb/"),
            R"({"name":"view_cart"})");
  EXPECT_EQ(shop.page("<body class='woocommerce-checkout woocommerce-page'>").json("GET", "/kasse/"),
            R"({"name":"begin_checkout"})");
}

TEST(Presets, KnowSearchesOfWooCommerce) {
  Shop shop("woocommerce");
  shop.query({{"s", "cap"}, {"post_type", "product"}});
  const std::string body = "<body class='archive search search-results post-type-archive-product woocommerce'>";
  EXPECT_EQ(
      shop.page(body + "<p class=woocommerce-result-count>Showing 1&ndash;12 of 1,096 results</p>").json("GET", "/"),
      R"({"name":"view_search_results","search_term":"cap","results":1096})");
  EXPECT_EQ(shop.page(body + "<p class=woocommerce-result-count>Alle 5 Ergebnisse</p>").json("GET", "/"),
            R"({"name":"view_search_results","search_term":"cap","results":5})");
  EXPECT_EQ(shop.page(body).json("GET", "/"), R"({"name":"view_search_results","search_term":"cap"})");
  EXPECT_EQ(shop.omissions.fields, 0u);
  EXPECT_EQ(shop.query({{"s", "cap"}}).page("<body class=search>").json("GET", "/"), R"({"name":"page_view"})")
      << "a search of the blog";
}

TEST(Presets, KnowTheCartOfWooCommerce) {
  Shop shop("woocommerce");
  EXPECT_EQ(shop.query({{"wc-ajax", "add_to_cart"}})
                .body(urlencoded, "product_sku=woo-cap&product_id=16&quantity=1")
                .json("POST", "/"),
            R"({"name":"add_to_cart","items":[{"item_id":"16","quantity":1}]})");
  EXPECT_EQ(shop.query({})
                .body("multipart/form-data; boundary=b", multipart({{"quantity", "2"}, {"add-to-cart", "15"}}))
                .json("POST", "/product/beanie/"),
            R"({"name":"add_to_cart","items":[{"item_id":"15","quantity":2}]})");
  EXPECT_EQ(shop.body("multipart/form-data; boundary=b", multipart({{"attribute_pa_size", "m"},
                                                                    {"quantity", "1"},
                                                                    {"add-to-cart", "12"},
                                                                    {"product_id", "12"},
                                                                    {"variation_id", "31"}}))
                .json("POST", "/product/hoodie/"),
            R"({"name":"add_to_cart","items":[{"item_id":"12","item_variant":"31","quantity":1}]})");
  EXPECT_EQ(shop.body("multipart/form-data; boundary=b", multipart({{"quantity[15]", "1"},
                                                                    {"quantity[16]", "0"},
                                                                    {"quantity[17]", ""},
                                                                    {"quantity[18]", "3"},
                                                                    {"add-to-cart", "33"}}))
                .json("POST", "/product/set/"),
            R"({"name":"add_to_cart","items":[{"item_id":"15","quantity":1},{"item_id":"18","quantity":3}]})");
  EXPECT_EQ(shop.query({{"add-to-cart", "15"}}).json("GET", "/shop/"),
            R"({"name":"add_to_cart","items":[{"item_id":"15","quantity":1}]})");
  shop.query({});
  EXPECT_EQ(
      shop.body("application/json", R"({"id": 15, "quantity": 2})").json("POST", "/wp-json/wc/store/v1/cart/add-item"),
      R"({"name":"add_to_cart","items":[{"item_id":"15","quantity":2}]})");
  EXPECT_EQ(shop.body("application/json", R"({"requests": [{"method": "POST", "path": "/wc/store/v1/cart/add-item",
                                              "body": {"id": 16, "quantity": 1}}]})")
                .json("POST", "/wp-json/wc/store/v1/batch"),
            R"({"name":"add_to_cart","items":[{"item_id":"16","quantity":1}]})");
  EXPECT_EQ(shop.query({{"wc-ajax", "remove_from_cart"}}).body(urlencoded, "cart_item_key=9bf31c").json("POST", "/"),
            R"({"name":"remove_from_cart"})");
  EXPECT_EQ(shop.query({{"remove_item", "9bf31c"}}).json("GET", "/cart/"), R"({"name":"remove_from_cart"})");
  EXPECT_EQ(shop.query({{"wc-ajax", "checkout"}}).body(urlencoded, "billing_email=a%40b.example").json("POST", "/"),
            "");
  EXPECT_EQ(shop.omissions.fields, 0u);
}

TEST(Presets, KnowOrdersOfWooCommerce) {
  Shop shop("woocommerce");
  EXPECT_EQ(shop.page("<body class='woocommerce-checkout woocommerce-order-received'><ul><li class='"
                      "woocommerce-order-overview__order order'>Order number: <strong>71</strong></li><li class='"
                      "woocommerce-order-overview__total total'>Total: <strong><span class='woocommerce-Price-amount "
                      "amount'><bdi><span class=woocommerce-Price-currencySymbol>&euro;</span>1.249,90</bdi></span>")
                .json("GET", "/kasse/order-received/71/"),
            R"({"name":"purchase","transaction_id":"71","value":1249.9})");
  EXPECT_EQ(
      shop.page("<ul><li class=wc-block-order-confirmation-summary-list-item><span class="
                "wc-block-order-confirmation-summary-list-item__value><span class=woocommerce-Price-amount>$20.00")
          .json("GET", "/checkout/order-received/72"),
      R"({"name":"purchase","transaction_id":"72","value":20})");
  EXPECT_EQ(shop.page("<p class='woocommerce-thankyou-order-failed'>").json("GET", "/checkout/order-received/73/"),
            R"({"name":"page_view"})");
}

TEST(Presets, KnowPagesOfMagento) {
  Shop shop("magento2");
  EXPECT_EQ(
      shop.page("<head><meta property='product:price:amount' content='59'><meta property='product:price:currency' "
                "content='USD'></head><body class='catalog-product-view product-hoodie page-layout-1column'>"
                "<div class=product-info-main><h1 class=page-title><span class=base>Teton</span></h1><form "
                "id=product_addtocart_form><input type=hidden name=product value=14>")
          .json("GET", "/teton.html"),
      R"({"name":"view_item","currency":"USD","items":[{"item_id":"14","item_name":"Teton","price":59}]})");
  EXPECT_EQ(shop.page("<body class='catalog-product-view'><div class=product-info-main><div class='price-box' "
                      "data-role=priceBox data-product-id=15>")
                .json("GET", "/x.html"),
            R"({"name":"view_item","items":[{"item_id":"15"}]})")
      << "not for sale";
  EXPECT_EQ(shop.page("<body class='page-products categorypath-men catalog-category-view'>").json("GET", "/men.html"),
            R"({"name":"view_item_list"})");
  shop.query({{"q", "bag"}});
  EXPECT_EQ(
      shop.page("<body class=catalogsearch-result-index><p class=toolbar-amount>Items <span class=toolbar-number>1"
                "</span>-<span class=toolbar-number>12</span> of <span class=toolbar-number>31</span></p>")
          .json("GET", "/catalogsearch/result/"),
      R"({"name":"view_search_results","search_term":"bag","results":31})");
  EXPECT_EQ(shop.page("<p class=toolbar-amount><span class=toolbar-number>7</span> Items</p>")
                .json("GET", "/de/catalogsearch/result/"),
            R"({"name":"view_search_results","search_term":"bag","results":7})");
  EXPECT_EQ(shop.page("<body class='checkout-cart-index'>").json("GET", "/checkout/cart/"), R"({"name":"view_cart"})");
  EXPECT_EQ(shop.page("<body class='checkout-index-index'>").json("GET", "/checkout/"), R"({"name":"begin_checkout"})");
}

TEST(Presets, KnowTheCartAndOrdersOfMagento) {
  Shop shop("magento2");
  EXPECT_EQ(shop.body("multipart/form-data; boundary=b",
                      multipart({{"product", "14"}, {"super_attribute[93]", "56"}, {"qty", "2"}, {"form_key", "k"}}))
                .json("POST", "/checkout/cart/add/uenc/aHR0cDov/product/14/"),
            R"({"name":"add_to_cart","items":[{"item_id":"14","quantity":2}]})");
  EXPECT_EQ(shop.body(urlencoded, "product=14&form_key=k").json("POST", "/de/checkout/cart/add/"),
            R"({"name":"add_to_cart","items":[{"item_id":"14","quantity":1}]})");
  EXPECT_EQ(shop.body(urlencoded, "item_id=3").json("POST", "/checkout/sidebar/removeItem/"),
            R"({"name":"remove_from_cart"})");
  EXPECT_EQ(shop.body(urlencoded, "product=14").json("POST", "/wishlist/index/add/"),
            R"({"name":"add_to_wishlist","items":[{"item_id":"14"}]})");
  EXPECT_EQ(shop.json("POST", "/rest/default/V1/guest-carts/Xy/shipping-information"),
            R"({"name":"add_shipping_info"})");
  EXPECT_EQ(shop.json("POST", "/rest/default/V1/carts/mine/payment-information"), R"({"name":"add_payment_info"})");
  EXPECT_EQ(shop.page("<div class=checkout-success><p>Your order # is: <span>000000012</span>.</p>")
                .json("GET", "/checkout/onepage/success/"),
            R"({"name":"purchase","transaction_id":"000000012"})");
  EXPECT_EQ(shop.page("<div class=checkout-success><p>Your order number is: <a class=order-number><strong>000000013"
                      "</strong></a>.</p><p><span>x</span>")
                .json("GET", "/checkout/onepage/success/"),
            R"({"name":"purchase","transaction_id":"000000013"})");
  EXPECT_EQ(shop.omissions.fields, 0u);
}

TEST(Presets, KnowPagesOfShopware) {
  Shop shop("shopware6");
  EXPECT_EQ(shop.page("<body class='is-ctl-product is-act-index'><h1 class='product-detail-name'> Mug </h1><meta "
                      "itemprop=priceCurrency content=EUR><meta itemprop=price content=19.95><meta itemprop=productID "
                      "content=018f7a><span class=product-detail-ordernumber itemprop=sku>SW10001")
                .json("GET", "/Mug/SW10001"),
            R"({"name":"view_item","currency":"EUR","items":[{"item_id":"018f7a","item_name":"Mug","price":19.95}]})");
  EXPECT_EQ(shop.page("<body class='is-ctl-navigation is-act-index'>").json("GET", "/Mugs/"),
            R"({"name":"view_item_list"})");
  EXPECT_EQ(shop.page("<body class='is-ctl-navigation is-act-home'>").json("GET", "/"), R"({"name":"page_view"})");
  EXPECT_EQ(shop.query({{"search", "mug"}})
                .page("<body class=is-ctl-search><h1 class='search-headline'>12 products found for \"mug\"</h1>")
                .json("GET", "/en/search"),
            R"({"name":"view_search_results","search_term":"mug","results":12})");
  EXPECT_EQ(shop.json("GET", "/checkout/cart"), R"({"name":"view_cart"})");
  EXPECT_EQ(shop.json("GET", "/checkout/confirm"), R"({"name":"begin_checkout"})");
}

TEST(Presets, KnowTheCartAndOrdersOfShopware) {
  Shop shop("shopware6");
  EXPECT_EQ(
      shop.body(urlencoded,
                "redirectTo=frontend.detail.page&lineItems%5B018f7a%5D%5Bid%5D=018f7a&lineItems%5B018f7a%5D%5Btype"
                "%5D=product&lineItems%5B018f7a%5D%5BreferencedId%5D=018f7a&lineItems%5B018f7a%5D%5Bquantity%5D=3")
          .json("POST", "/checkout/line-item/add"),
      R"({"name":"add_to_cart","items":[{"item_id":"018f7a","quantity":3}]})");
  EXPECT_EQ(shop.body("multipart/form-data; boundary=b", multipart({{"lineItems[a][referencedId]", "a"},
                                                                    {"lineItems[b][referencedId]", "b"},
                                                                    {"lineItems[b][quantity]", "2"}}))
                .json("POST", "/en/checkout/line-item/add"),
            R"({"name":"add_to_cart","items":[{"item_id":"a","quantity":1},{"item_id":"b","quantity":2}]})");
  EXPECT_EQ(shop.json("POST", "/checkout/line-item/delete/018f7a"),
            R"({"name":"remove_from_cart","items":[{"item_id":"018f7a"}]})");
  EXPECT_EQ(shop.json("POST", "/wishlist/add/018f7a"), R"({"name":"add_to_wishlist","items":[{"item_id":"018f7a"}]})");
  EXPECT_EQ(shop.page("<p class=finish-ordernumber data-order-number=10042>Your order number: #10042</p><div class="
                      "'d-none hidden-line-items-information' data-currency=EUR data-shipping=0 data-value=59.85>")
                .json("GET", "/checkout/finish"),
            R"({"name":"purchase","currency":"EUR","transaction_id":"10042","value":59.85})");
  EXPECT_EQ(shop.omissions.fields, 0u);
}

TEST(Presets, KnowPagesOfPrestaShop) {
  Shop shop("prestashop");
  EXPECT_EQ(
      shop.page("<head><meta property='product:price:amount' content='35.9'><meta property='product:price:currency'"
                " content='EUR'></head><body id=product class='lang-en'><section id=main><h1 class=h1>Mug</h1><form "
                "id=add-to-cart-or-refresh><input type=hidden name=id_product value=6 id=product_page_product_id>")
          .json("GET", "/en/home/6-mug.html"),
      R"({"name":"view_item","currency":"EUR","items":[{"item_id":"6","item_name":"Mug","price":35.9}]})");
  EXPECT_EQ(shop.page("<body id=category>").json("GET", "/3-clothes"), R"({"name":"view_item_list"})");
  EXPECT_EQ(shop.query({{"controller", "search"}, {"s", "mug"}})
                .page("<body id=search><div class='total-products'><p>There are 5 products.</p>")
                .json("GET", "/search"),
            R"({"name":"view_search_results","search_term":"mug","results":5})");
  EXPECT_EQ(shop.query({{"action", "show"}}).page("<body id=cart>").json("GET", "/cart"), R"({"name":"view_cart"})");
  EXPECT_EQ(shop.query({}).page("<body id=checkout>").json("GET", "/order"), R"({"name":"begin_checkout"})");
  EXPECT_EQ(shop.page("<body id=index>").json("GET", "/"), R"({"name":"page_view"})");
}

TEST(Presets, KnowTheCartAndOrdersOfPrestaShop) {
  Shop shop("prestashop");
  EXPECT_EQ(shop.body(urlencoded, "token=t&id_product=6&id_customization=0&group%5B1%5D=2&qty=2&add=1&action=update")
                .json("POST", "/en/cart"),
            R"({"name":"add_to_cart","items":[{"item_id":"6","quantity":2}]})");
  shop.body(urlencoded, "ajax=1&action=update");
  EXPECT_EQ(shop.query({{"update", "1"}, {"id_product", "6"}, {"id_product_attribute", "9"}, {"op", "up"}})
                .json("POST", "/en/cart"),
            R"({"name":"add_to_cart","items":[{"item_id":"6","item_variant":"9","quantity":1}]})");
  EXPECT_EQ(shop.query({{"update", "1"}, {"id_product", "6"}, {"op", "down"}}).json("POST", "/en/cart"),
            R"({"name":"remove_from_cart","items":[{"item_id":"6","quantity":1}]})");
  EXPECT_EQ(shop.query({{"delete", "1"}, {"id_product", "6"}}).json("POST", "/en/cart"),
            R"({"name":"remove_from_cart","items":[{"item_id":"6"}]})");
  EXPECT_EQ(
      shop.query({{"id_cart", "8"}, {"id_module", "30"}, {"id_order", "7"}, {"key", "k"}})
          .page("<body id=order-confirmation><div id=order-items><table><tr class='total-value'><td><span>Total (tax "
                "incl.)</span></td><td>€1,042.80</td></tr></table></div><li id=order-reference-value>Order "
                "reference: XKBKNABJK")
          .json("GET", "/order-confirmation"),
      R"({"name":"purchase","transaction_id":"7","value":1042.8})");
  EXPECT_EQ(shop.omissions.fields, 0u);
}

}  // namespace
}  // namespace personalize::rules
