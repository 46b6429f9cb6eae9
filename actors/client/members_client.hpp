#pragma once
/// Asks for a change of a group's members until it is committed or refused. Lives inside its host
/// actor and is used only from its context.
///
/// Sends MembersRequest to the seat on its own node, which passes it on to the leader, again and
/// again until the answer or the timeout comes: a change that is in force already is answered as
/// done, so that copies do no harm. Each call ends exactly once:
///   done     it is committed
///   refused  certainly not done
///   unknown  the timeout passed, and a copy may have been, or may still be, taken

#include "messages/handlers.hpp"
#include "runtime/node/context.hpp"
#include "runtime/service/partition.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "messages/members.capnp.h"

namespace us {

/// What became of something that an operator asked for.
struct change_outcome {
  enum class kind { done, refused, unknown } what = kind::unknown;
  std::string text;  ///< for people
};

class members_client : public std::enable_shared_from_this<members_client> {
 public:
  struct change {
    std::string service;
    partition_id partition = {};
    message::MemberAction action = message::MemberAction::ADD;
    std::string node;
    std::string address;   ///< add: "host:port"; empty: as the configuration files say
    bool witness = false;  ///< add: to become one
  };
  using callback = std::function<void(const change_outcome&)>;

  /// `key`: under which the host listens; it passes MembersReply to handler() and runs tasks.
  static std::shared_ptr<members_client> make(node_ptr node, caf::actor host, actor_key key);

  typed_handler handler();
  void ask(change what, std::chrono::milliseconds timeout, callback then);

 private:
  struct call {
    change what;
    time_point until;
    callback then;
    std::set<std::uint64_t> unanswered;  ///< copies under way
    std::string last;                    ///< the newest answer's text
  };

  members_client(node_ptr node, caf::actor host, actor_key key)
      : node_(std::move(node)), host_(std::move(host)), key_(key) {}
  void send(std::uint64_t number);
  void take(message::MembersReply::Reader reply, const sender& from);
  void end(std::uint64_t number, change_outcome outcome);

  node_ptr node_;
  caf::actor host_;
  actor_key key_;
  std::uint64_t nonces_ = 0;
  std::map<std::uint64_t, call> calls_;
};

}  // namespace us
