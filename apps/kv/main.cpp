// The kv sample: Redis clients on every node of a cluster that keeps answering.
#include "actors/app/app.hpp"
#include "apps/kv/commands.hpp"
#include "apps/kv/redis_edge.hpp"

int main(int argc, char** argv) {
  return us::main(argc, argv, us::app{"kv", {kv::make_service()}, {kv::redis_edge()}});
}
