// The weather, fetched through a location of the configuration and shared by all workers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "module/http/detached_request.h"
#include "module/shared_memory/zone.h"
#include "module/weather/table.h"
#include "plugins/weather/report.h"

namespace personalize::module {

/// `personalize_weather`.
struct WeatherConf {
  std::string uri;  ///< of the location; empty: off
  plugins::WeatherFormat format = plugins::WeatherFormat::open_meteo;
  ngx_msec_t timeout = 0;
  WeatherTimes times;
  Zone<WeatherTable> zone;
  ngx_http_core_srv_conf_t* server = nullptr;  ///< the server that has the location
  bool operator==(const WeatherConf&) const = default;
};

/// Answers from shared memory. Reports that are missing or old are fetched after the page that needed them, by one
/// worker for all, and nothing waits for them.
class WeatherService final : public plugins::WeatherSource {
 public:
  explicit WeatherService(const WeatherConf& conf);
  ~WeatherService() override;
  WeatherService(const WeatherService&) = delete;

  const WeatherConf& conf() const { return conf_; }

  std::optional<plugins::WeatherReport> find(plugins::WeatherCell cell, std::int64_t now_us) override;

 private:
  friend class WeatherFetch;

  WeatherTable::Answer look_up(plugins::WeatherCell cell, std::int64_t now) const;
  void fetch_later(plugins::WeatherCell cell);
  static void on_start(ngx_event_t* event);
  void fetch(plugins::WeatherCell cell);
  void take(plugins::WeatherCell cell, const DetachedAnswer& answer);
  void count_failure(plugins::WeatherCell cell, const DetachedAnswer& answer);

  WeatherConf conf_;
  std::vector<plugins::WeatherCell> wanted_;  // claimed by this worker, but not asked for yet
  ngx_event_t start_;                         // posted while there are any
};

/// One fetch; the variables of the location are about its cell.
class WeatherFetch final : public DetachedListener {
 public:
  WeatherFetch(WeatherService& service, plugins::WeatherCell cell) : service_(service), cell_(cell) {}
  void done(const DetachedAnswer& answer) override { service_.take(cell_, answer); }
  plugins::WeatherCell cell() const { return cell_; }

 private:
  WeatherService& service_;
  plugins::WeatherCell cell_;
};

}  // namespace personalize::module
