#pragma once
/// Counters, gauges and histograms of one node, exposed in the Prometheus text format.
/// Handles stay valid as long as the metrics object; updating one is thread-safe.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace us {

class metrics {
 public:
  using labels = std::map<std::string, std::string>;

  class counter {
   public:
    void add(double amount = 1);
    double value() const;

   private:
    friend class metrics;
    void* handle_ = nullptr;
  };
  class gauge {
   public:
    void set(double value);
    void add(double amount);
    double value() const;

   private:
    friend class metrics;
    void* handle_ = nullptr;
  };
  class histogram {
   public:
    void observe(double value);

   private:
    friend class metrics;
    void* handle_ = nullptr;
  };

  metrics();
  ~metrics();
  metrics(const metrics&) = delete;
  metrics& operator=(const metrics&) = delete;

  /// Names as Prometheus has them (understudy_frames_dropped_total, ..._seconds). The same
  /// name and labels give the same metric.
  counter make_counter(const std::string& name, const std::string& help, const labels& = {});
  gauge make_gauge(const std::string& name, const std::string& help, const labels& = {});
  histogram make_histogram(const std::string& name, const std::string& help,
                           const std::vector<double>& bounds, const labels& = {});

  /// The Prometheus text exposition format, version 0.0.4.
  std::string text() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace us
