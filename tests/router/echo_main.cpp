// The routers' test service as a program of its own: a node that cluster tests stop and kill.
#include "actors/app/app.hpp"
#include "tests/router/echo_service.hpp"

#include <unistd.h>

int main(int argc, char** argv) {
  return us::main(argc, argv, us::test::echo_service(std::to_string(getpid()), nullptr));
}
