#include "runtime/metrics.hpp"

#include <mutex>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace us {

// prometheus-cpp makes a family anew per registration, so families are kept by name.
struct metrics::impl {
  std::mutex mutex;
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*> histograms;

  template <class Families, class Build>
  auto& family(Families& families, const std::string& name, const std::string& help, Build build) {
    auto& found = families[name];
    if (found == nullptr) found = &build().Name(name).Help(help).Register(*registry);
    return *found;
  }
};

metrics::metrics() : impl_(std::make_unique<impl>()) {}
metrics::~metrics() = default;

void metrics::counter::add(double amount) {
  if (handle_ != nullptr) static_cast<prometheus::Counter*>(handle_)->Increment(amount);
}
double metrics::counter::value() const {
  return handle_ == nullptr ? 0 : static_cast<prometheus::Counter*>(handle_)->Value();
}
void metrics::gauge::set(double value) {
  if (handle_ != nullptr) static_cast<prometheus::Gauge*>(handle_)->Set(value);
}
void metrics::gauge::add(double amount) {
  if (handle_ != nullptr) static_cast<prometheus::Gauge*>(handle_)->Increment(amount);
}
double metrics::gauge::value() const {
  return handle_ == nullptr ? 0 : static_cast<prometheus::Gauge*>(handle_)->Value();
}
void metrics::histogram::observe(double value) {
  if (handle_ != nullptr) static_cast<prometheus::Histogram*>(handle_)->Observe(value);
}

metrics::counter metrics::make_counter(const std::string& name, const std::string& help,
                                       const labels& with) {
  std::lock_guard lock{impl_->mutex};
  counter made;
  made.handle_ = &impl_->family(impl_->counters, name, help, prometheus::BuildCounter).Add(with);
  return made;
}

metrics::gauge metrics::make_gauge(const std::string& name, const std::string& help,
                                   const labels& with) {
  std::lock_guard lock{impl_->mutex};
  gauge made;
  made.handle_ = &impl_->family(impl_->gauges, name, help, prometheus::BuildGauge).Add(with);
  return made;
}

metrics::histogram metrics::make_histogram(const std::string& name, const std::string& help,
                                           const std::vector<double>& bounds, const labels& with) {
  std::lock_guard lock{impl_->mutex};
  histogram made;
  made.handle_ =
      &impl_->family(impl_->histograms, name, help, prometheus::BuildHistogram).Add(with, bounds);
  return made;
}

std::string metrics::text() const {
  return prometheus::TextSerializer{}.Serialize(impl_->registry->Collect());
}

}  // namespace us
