#pragma once
/// Linearizability by its definition, for tiny histories: tries every order.

#include "runtime/checkers/object_model.hpp"

#include <algorithm>
#include <vector>

namespace us::test {

template <class Model>
class brute_force {
 public:
  brute_force(const history& h, const Model& model) : model_(model) {
    for (const auto& o : h.operations())
      if (o.outcome != operation_outcome::failed || o.f == "cas") rest_.push_back(&o);
  }

  bool linearizable() { return from(model_.initial()); }

 private:
  /// Whether `o` may come next: nothing that is left ended before it began.
  bool may_be_next(const operation& o) const {
    return std::ranges::none_of(rest_,
                                [&](const operation* other) { return other->ended < o.begun; });
  }

  bool from(const typename Model::state& now) {
    if (std::ranges::all_of(rest_, [](const operation* o) { return o->ended == operation::never; }))
      return true;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      const auto* o = rest_[at];
      const auto next = may_be_next(*o) ? model_.step(now, *o) : std::nullopt;
      if (!next) continue;
      rest_.erase(rest_.begin() + static_cast<std::ptrdiff_t>(at));
      const bool found = from(*next);
      rest_.insert(rest_.begin() + static_cast<std::ptrdiff_t>(at), o);
      if (found) return true;
    }
    return false;
  }

  const Model& model_;
  std::vector<const operation*> rest_;
};

}  // namespace us::test
