#pragma once
/// One thing that was given up knowingly: what it was, when, in which epoch, executed where, why.
/// In memory and as a record of the loss journal.
///
/// A loss is named by the entry that was given up and its place in it: the same wherever it is
/// noted, and however often. Marks say later what became of it. Times are wall clocks in ms.

#include "messages/ids.hpp"
#include "runtime/error.hpp"
#include "runtime/service/partition.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/loss.capnp.h"

namespace us {

using loss_kind = message::LossKind;
using loss_state = message::LossState;

struct loss_key {
  us::epoch epoch;
  log_index index;             ///< of the entry
  std::uint32_t position = 0;  ///< of the request in it
  friend constexpr auto operator<=>(const loss_key&, const loss_key&) = default;
};
/// Where there is no one request: what is lost of the entry beside those that are named.
constexpr std::uint32_t rest_of_entry = UINT32_MAX;

struct loss {
  loss_key key;
  loss_kind kind = loss_kind::ACKNOWLEDGED;
  std::string service;
  partition_id partition;  ///< of the service
  std::string from;        ///< node that executed it
  std::string node;        ///< node that notes it
  std::string why;
  std::int64_t made_ms = 0;
  std::int64_t lost_ms = 0;
  session_id session;
  request_sequence sequence;
  std::vector<std::string> keys;
  std::uint64_t type = 0;  ///< capnp type id of the request; 0: it is not kept
  std::string body;        ///< the request as a Cap'n Proto stream message
};

struct loss_mark {
  loss_key key;
  loss_state state = loss_state::LOST;
  std::int64_t wall_ms = 0;
};

std::string to_string(loss_kind kind);
/// "lost", "executed again", ...
std::string to_string(loss_state state);

/// A message::LossEntry as a stream message.
std::string encode(const loss& what);
std::string encode(const loss_mark& what);

struct loss_visitor {
  std::function<void(loss)> loss;
  std::function<void(const loss_mark&)> mark;
};
/// False: the bytes are no entry.
[[nodiscard]] bool decode_loss_entry(std::string_view bytes, const loss_visitor& visit);

/// The message of a loss, for printing.
void fill(message::Loss::Builder to, const loss& from);

}  // namespace us
