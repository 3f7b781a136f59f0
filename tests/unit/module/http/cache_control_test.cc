#include "module/http/cache_control.h"

#include <gtest/gtest.h>

namespace personalize::module {
namespace {

TEST(CacheControl, RestrictionsAreFoundInAnyOrderAndCase) {
  EXPECT_EQ(restrictions_in("public, max-age=60"), 0U);
  EXPECT_EQ(restrictions_in("public, max-age=60, no-transform"), no_transform);
  EXPECT_EQ(restrictions_in("No-Transform ,NO-STORE"), unsigned{no_transform} | no_store);
  EXPECT_EQ(restrictions_in("must-revalidate\t,,no-cache,"), unsigned{must_revalidate} | no_cache);
  EXPECT_EQ(restrictions_in("no-cache=\"Set-Cookie, X\""), no_cache);
}

TEST(CacheControl, WhatStandsInQuotesOrIsCalledSimilarlyRestrictsNothing) {
  for (const char* value : {"", ",", "ext=\"no-transform\"", "ext=\"a, no-transform, b\"", "ext=\"\\\", no-transform\"",
                            "x-no-transform", "no-transforms", "no transform", "private=\"no-store,no-cache\""})
    EXPECT_EQ(restrictions_in(value), 0U) << value;
  EXPECT_EQ(restrictions_in("ext=\"a\", no-transform"), no_transform);
  EXPECT_EQ(restrictions_in("ext=\"a, no-transform"), no_transform);
}

TEST(CacheControl, HeadersForSomeCachesAreKnownByTheirNames) {
  for (const char* name : {"CDN-Cache-Control", "cloudflare-cdn-cache-control", "Vercel-CDN-Cache-Control",
                           "Edge-Control", "Netlify-CDN-Cache-Control", "Akamai-Cache-Control",
                           "X-LiteSpeed-Cache-Control", "SURROGATE-CONTROL", "Fastly-Cache-Control", "X-Accel-Expires"})
    EXPECT_TRUE(tells_some_caches(name)) << name;
  for (const char* name : {"Cache-Control", "X-Cache", "Access-Control-Allow-Origin", "Cache-Control-X", "", "-cache"})
    EXPECT_FALSE(tells_some_caches(name)) << name;
}

}  // namespace
}  // namespace personalize::module
