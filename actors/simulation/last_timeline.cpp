#include "actors/simulation/last_timeline.hpp"

namespace us {

thread_local keep_last_timeline* keep_last_timeline::newest_ = nullptr;

keep_last_timeline::keep_last_timeline() : before_(newest_) {
  newest_ = this;
}

keep_last_timeline::~keep_last_timeline() {
  newest_ = before_;
}

}  // namespace us
