#pragma once
/// The end of the timeline of the newest cluster that was destroyed on this thread, for who judges
/// a run only after its cluster is gone.

#include <string>

namespace us {

class keep_last_timeline {
 public:
  keep_last_timeline();
  ~keep_last_timeline();
  keep_last_timeline(const keep_last_timeline&) = delete;
  keep_last_timeline& operator=(const keep_last_timeline&) = delete;

  const std::string& text() const { return text_; }

  /// Called by a cluster at its end. Without a keeper it costs nothing.
  template <class MakeText>
  static void offer(MakeText make) {
    if (newest_ != nullptr) newest_->text_ = make();
  }

 private:
  static thread_local keep_last_timeline* newest_;
  keep_last_timeline* before_;
  std::string text_;
};

}  // namespace us
