#include "actors/app/loss_list.hpp"

#include "actors/app/json.hpp"
#include "actors/leader_follower/partition_files.hpp"
#include "runtime/live/live_disk.hpp"

#include <capnp/dynamic.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

namespace us {

namespace {

status add_journal(loss_list& list, const service& of, live_disk& disk,
                   const std::string& directory) {
  std::map<loss_key, listed_loss> found;
  auto read = read_loss_files(
      disk, directory,
      {[&](loss what) {
         const auto key = what.key;
         const auto* type = of.find(what.type);
         found.emplace(key,
                       listed_loss{disk.directory() + "/" + directory, std::move(what), {}, type});
       },
       [&](const loss_mark& mark) {
         auto at = found.find(mark.key);
         if (at != found.end()) at->second.state = mark.state;
       }});
  if (!read) return read.error();
  list.dropped += read->dropped;
  list.unreadable += read->unreadable;
  for (auto& [key, one] : found) list.losses.push_back(std::move(one));
  return done{};
}

}  // namespace

status add_losses(loss_list& list, const app& application, const std::string& data) {
  auto disk = live_disk::look_at(data);
  if (!disk) return disk.error();
  for (const auto& service : application.services) {
    const auto directories = loss_directories(**disk, service.name());
    if (!directories) return directories.error();
    for (const auto& directory : *directories)
      if (auto added = add_journal(list, service, **disk, directory); !added) return added;
  }
  return done{};
}

std::string request_json(const listed_loss& from) {
  if (from.type == nullptr || from.what.body.empty()) return {};
  try {
    capnp::FlatArrayMessageReader body{as_words(from.what.body)};
    return to_json(body.getRoot<capnp::DynamicStruct>(from.type->request));
  } catch (const kj::Exception&) {
    return {};
  }
}

}  // namespace us
