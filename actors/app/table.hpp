#pragma once
/// Rows of cells for people, in columns.

#include <string>
#include <vector>

namespace us {

using text_table = std::vector<std::vector<std::string>>;

/// The last cell of a row is not padded, so that a long text in it widens no column.
void print(const text_table& rows);

}  // namespace us
