#pragma once
/// Why one key's operations are not linearizable, once that is known: the shortest beginning of the
/// history that already is not, the operation with whose end it ends, and an order of what came
/// before.
///
/// Bounded in work: what cannot be found within it is left out, and a longer beginning may be
/// named.

#include "runtime/checkers/object_model.hpp"
#include "runtime/checkers/search_result.hpp"

namespace us {

/// `blocked`: the operation at whose end the search of the whole history had no candidate left.
search_result find_reason(const history& h, const std::vector<std::size_t>& subset,
                          object_model model, std::size_t blocked);

}  // namespace us
