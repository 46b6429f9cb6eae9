#pragma once
/// Who belongs to a group, and the rules by which that changes. Pure.
///
/// A configuration is an entry of the log. It is in force from the moment that its entry is
/// appended, committed or not, and the one before it is again when the entry is cut. Before the
/// first one, the group's founders are its members; the first leader writes them into the log.
/// Voters vote, stand and count; witnesses vote and count, and get the log without what is written,
/// so they have nothing to lead with and never stand (Ongaro's thesis 11.7.2 names such servers);
/// learners only get the log, and are what each of the others begins as. One change at a time, by
/// one node: any two majorities of neighbouring configurations then overlap.
/// Every number of members that a decision needs comes from here.
/// Source: Ongaro's thesis 4.1-4.2, with its correction: a leader changes members only after an
/// entry of its own epoch is committed (raft-dev, "bug in single-server membership changes", 2015).

#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace us {

enum class member_kind : std::uint8_t { voter = 1, learner = 2, witness = 3, witness_learner = 4 };
std::string_view name_of(member_kind kind);
/// Of a number from a log, a snapshot or another node; nullopt: this program knows no such kind.
std::optional<member_kind> member_kind_of(std::uint32_t number);

struct group_member {
  node_id node;
  std::string name;
  std::string address;  ///< for links between nodes; empty: as the configuration files say
  member_kind kind = member_kind::voter;
  friend bool operator==(const group_member&, const group_member&) = default;
};

constexpr std::size_t members_max = 256;
constexpr std::size_t member_text_max = 256;  ///< bytes of a name or an address

/// The members of a group from one entry on. Immutable.
class configuration {
 public:
  configuration() = default;
  configuration(log_index index, std::vector<group_member> members);

  log_index index() const { return index_; }  ///< of its entry; 0: the founders
  const std::vector<group_member>& members() const { return members_; }  ///< by name
  const group_member* find(node_id node) const;
  bool votes(node_id node) const;
  /// A witness, or one to be; its replica has no records.
  bool is_witness(node_id node) const;
  /// Those that vote first.
  const std::vector<node_id>& nodes() const { return nodes_; }
  std::size_t voters() const { return voters_; }
  std::vector<node_id> voting() const;

  // -- in a snapshot
  void save(std::string& to) const;
  /// Takes over what save() wrote; false: the bytes are not well formed.
  [[nodiscard]] bool load(std::string_view from);

 private:
  log_index index_;
  std::vector<group_member> members_;
  std::vector<node_id> nodes_;
  std::size_t voters_ = 0;
};

/// "a, b; witness c; learner d"
std::string to_string(const configuration& what);

/// The configurations that a replica's log and snapshot hold, as far back as one may come into
/// force again.
class membership {
 public:
  /// In force until the log or a snapshot has one.
  void begin_with(configuration founders);
  const configuration& now() const { return known_.back(); }
  /// The one in force at that entry, which is not before the newest committed one.
  const configuration& at(log_index index) const;
  /// How many there are of entries after that one.
  std::size_t after(log_index index) const;
  /// An entry that holds one was appended.
  void take(configuration next);
  /// The entries after `last` are gone. True: a configuration was among them.
  bool cut_after(log_index last);
  /// Those before the one in force at `index` never come into force again.
  void committed(log_index index);
  /// What a snapshot holds replaces all.
  void restore(configuration from_snapshot);
  /// Whether the node may have to stand: a voter; or one whose removal may not be committed yet,
  /// and which may be the only one that has it (4.2.2).
  bool may_stand(node_id node, log_index commit) const;

 private:
  std::deque<configuration> known_{configuration{}};  ///< oldest first, never empty
};

enum class member_action : std::uint8_t { add, promote, remove };

struct member_change {
  member_action action = member_action::add;
  std::string name;
  std::string address;
  bool witness = false;  ///< add: to become one
};

/// What the leader knows when it is asked for a change.
struct change_situation {
  struct seen {
    node_id node;
    bool heard = false;       ///< within the time in which a leader must hear a majority
    bool recovering = false;  ///< its disk is new, and it was not admitted yet
    duration lag{0};          ///< age of the oldest entry that it lacks
  };
  node_id leader;
  bool own_epoch_committed = false;
  log_index commit;
  duration lag_max{0};  ///< of a learner that is promoted
  std::vector<seen> others;
  std::vector<node_id> never_lead;  ///< they have priority 0
  bool knows_address = false;       ///< of the one that is added
};

enum class change_verdict : std::uint8_t {
  proposes,    ///< `next` is to be appended
  already,     ///< it is so in the configuration in force, committed or not
  later,       ///< not now; it may be asked for again
  hands_over,  ///< the leader itself is to be removed: another one has to do it
  refused,
};

struct judged_change {
  change_verdict verdict;
  std::string text;  ///< for people
  std::vector<group_member> next;
};

namespace rules {

/// More than half of the voters.
constexpr std::size_t majority(std::size_t voters) {
  return voters / 2 + 1;
}

judged_change judge_change(const configuration& now, const member_change& asked,
                           const change_situation& situation);

}  // namespace rules
}  // namespace us
