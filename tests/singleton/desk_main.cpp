// The ticket desk as a program: a node of its cluster, for tests with real processes.
#include "actors/app/app.hpp"
#include "tests/singleton/desk_service.hpp"

int main(int argc, char** argv) {
  us::app desk{.name = "desk", .services = {}, .edges = {}};
  desk.singletons.push_back(us::test::tickets());
  return us::main(argc, argv, std::move(desk));
}
