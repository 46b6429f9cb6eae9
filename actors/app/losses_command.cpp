#include "actors/app/commands.hpp"
#include "actors/app/json.hpp"
#include "actors/app/loss_list.hpp"

#include <capnp/message.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdio>
#include <ctime>

namespace us {

namespace {

std::string time_text(std::int64_t wall_ms) {
  const auto seconds = static_cast<std::time_t>(wall_ms / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

/// For a line of a table: what cannot be printed as \\xNN.
std::string printable(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (c > ' ' && c <= '~' && c != '\\')
      text += c;
    else
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return text;
}

std::string keys_text(const loss& what) {
  constexpr std::size_t shown = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(what.keys.size(), shown); ++i)
    text += (i == 0 ? "" : " ") + printable(what.keys[i]);
  if (what.keys.size() > shown) text += fmt::format(" and {} more", what.keys.size() - shown);
  return text;
}

std::string request_name(const listed_loss& from) {
  if (from.type != nullptr) return from.type->request.getShortDisplayName().cStr();
  return from.what.type == 0 ? "-" : fmt::format("@{:#x}", from.what.type);
}

std::string json_of(const listed_loss& from) {
  capnp::MallocMessageBuilder memory;
  auto shown = memory.initRoot<message::Loss>();
  fill(shown, from.what);
  shown.disownBody();
  const auto body = request_json(from);
  return fmt::format(
      "{{\"state\":{},\"copy\":{},\"request\":{{\"type\":{},\"body\":{}}},\"loss\":{}}}",
      to_json(to_string(from.state)), from.copy(), to_json(request_name(from)),
      body.empty() ? "null" : body, to_json(capnp::DynamicStruct::Reader{shown.asReader()}));
}

void print_json(const loss_list& list) {
  fmt::print("{{\"losses\":[");
  for (std::size_t i = 0; i < list.losses.size(); ++i)
    fmt::print("{}{}", i == 0 ? "\n" : ",\n", json_of(list.losses[i]));
  fmt::print("],\"dropped\":{},\"unreadable_bytes\":{}}}\n", list.dropped, list.unreadable);
}

void print_table(const loss_list& list) {
  std::size_t acknowledged = 0;
  std::size_t others = 0;
  for (const auto& one : list.losses) {
    const auto& what = one.what;
    fmt::print("{}  {}  {}  {}  epoch {} entry {}  from {} at {}{}  {}  keys {}  ({})\n",
               time_text(what.lost_ms), group_name(what.service, what.partition),
               to_string(what.kind), to_string(one.state), what.key.epoch.value,
               what.key.index.value, what.from.empty() ? "an older program" : what.from, what.node,
               one.copy() ? " (copy)" : "", request_name(one), keys_text(what), what.why);
    if (one.state == loss_state::LOST)
      ++(what.kind == loss_kind::ACKNOWLEDGED ? acknowledged : others);
  }
  fmt::print("{} acknowledged and lost, {} unacknowledged and lost, {} dropped by the bound\n",
             acknowledged, others, list.dropped);
  if (list.unreadable > 0)
    fmt::print("{} bytes cannot be read: damaged, or left by a crash\n", list.unreadable);
}

}  // namespace

int list_losses(const app& application, const losses_choice& choice) {
  loss_list list;
  for (const auto& data : choice.data)
    if (auto added = add_losses(list, application, data); !added) {
      std::fprintf(stderr, "%s\n", added.error().text.c_str());
      return added.error().code == errc::not_found ? exit_usage : exit_failed;
    }
  if (choice.json)
    print_json(list);
  else
    print_table(list);
  return exit_ok;
}

}  // namespace us
