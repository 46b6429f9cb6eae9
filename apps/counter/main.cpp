#include "actors/app/app.hpp"
#include "apps/counter/counter_service.hpp"

int main(int argc, char** argv) {
  return us::main(argc, argv, counter_service());
}
