#include "runtime/checkers/object_states.hpp"

#include "runtime/checkers/kv_states.hpp"
#include "runtime/checkers/register_states.hpp"

namespace us {

std::optional<planned_operation> plan_times(const history& h, std::size_t index,
                                            std::size_t until) {
  const auto& o = h[index];
  if (o.begun >= until) return {};
  planned_operation p;
  p.begun = o.begun;
  p.ended = o.ended < until ? o.ended : operation::never;
  p.index = index;
  return p;
}

std::unique_ptr<object_states> make_object_states(const history& h,
                                                  const std::vector<std::size_t>& subset,
                                                  object_model model, std::size_t until) {
  if (model == object_model::cas_register)
    return std::make_unique<register_states>(h, subset, until);
  return std::make_unique<kv_states>(h, subset, until);
}

}  // namespace us
