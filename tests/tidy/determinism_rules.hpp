#pragma once
/// What would make two runs of one seed differ, as far as a line of code shows it: real time, real
/// chance, identities of processes and threads, addresses. A guess by patterns, on code as
/// clang-format leaves it; tests/determinism holds the same at run time.

#include "tests/tidy/source_tree.hpp"

#include <string>
#include <vector>

namespace us::tidy {

/// "path:line: what it is", one for each line that breaks a rule. Knows no exceptions: which files
/// to ask about is the caller's to decide.
std::vector<std::string> nondeterminism_in(const source_file& file);

}  // namespace us::tidy
