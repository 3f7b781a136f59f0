// What a browser, and the consent platform that a site has asked its visitor with, say in a request.
#pragma once

#include <optional>
#include <string_view>

#include "plugins/consent/tcf.h"
#include "plugins/plugin.h"

namespace personalize::plugins {

/// Global Privacy Control (https://www.w3.org/TR/gpc/): `Sec-GPC: 1`, also where it was said repeatedly or joined.
bool signals_gpc(const Request& request);
/// Do Not Track (https://www.w3.org/TR/tracking-dnt/): a 1, which extensions may follow.
bool signals_dnt(const Request& request);

/// What the cookies of consent platforms say, in one look at all of them. Of a cookie that comes twice no opt-out is
/// overlooked.
class PlatformCookies {
 public:
  explicit PlatformCookies(const Request& request);

  /// The Global Privacy Platform's string or the US Privacy String has an opt-out, or cannot be read.
  bool gpp_refuses() const { return gpp_refuses_; }
  bool us_privacy_refuses() const { return us_privacy_refuses_; }
  /// There is a cookie of the Transparency and Consent Framework.
  bool has_tcf_cookie() const { return !tcf_cookie_.empty(); }
  /// What its cookie and the sections of a GPP string that apply to this visitor all agree to; nothing if there are
  /// none.
  std::optional<TcfConsent> tcf() const;

 private:
  void read(std::string_view name, std::string_view value);
  void read_gpp(std::string_view value);

  std::string_view tcf_cookie_, applicable_;
  std::optional<TcfConsent> gpp_eu_, gpp_ca_;
  bool gpp_refuses_ = false, us_privacy_refuses_ = false;
};

}  // namespace personalize::plugins
