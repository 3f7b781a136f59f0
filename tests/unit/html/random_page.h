// Pages for tests of what must hold on any page.
#pragma once

#include <iterator>
#include <random>
#include <string>

namespace personalize::html::testing {

/// A page of random tags, some of them never closed, misnested or in places where they do not belong.
inline std::string random_page(std::mt19937& random) {
  static constexpr const char* pieces[] = {
      // clang-format off
      "<div class=a>", "</div>", "<p>", "</p>", "<ul>", "<li>", "<li class=b>", "</li>", "</ul>", "<b>", "</b>", "<a href=x>",
      "</a>", "<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<span id=s>", "</span>", "<img src=y>", "text ",
      "a < b ", "<!-- c -->", "<script>if (a<b) '<p>'</script>", "<svg><g/>", "</svg>", "<section><h2>T</h2><p>one<p>two</section>",
      "<div><div><span>deep</span></div></div>", "<select><option>1<option>2</select>", "<h2>H</h2>", "<template><p class=b>",
      "</template>", "</body>", "<textarea><p></textarea>", "<i>", "</i>", "<button>", "</button>", "<div", " x='>'>",
      "<li k=2>", "<p k=1>", "<td k=3>", "<div k=1>", "<b k=3>", "<img k=2>", "<ul><li k=3>a<li k=1>b</li> <li>c</ul>",
      "<form>", "<form id=f>", "</form>", "<input autocomplete=cc-number>", "<input form=f autocomplete=cc-csc>",
      // clang-format on
  };
  std::string page = random() % 4 == 0 ? "" : "<!doctype html><body>";
  const std::size_t length = 5 + random() % 120;
  for (std::size_t i = 0; i < length; ++i) page += pieces[random() % std::size(pieces)];
  return page;
}

}  // namespace personalize::html::testing
