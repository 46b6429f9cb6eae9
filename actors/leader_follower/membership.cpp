#include "actors/leader_follower/membership.hpp"

#include "runtime/ensure.hpp"
#include "runtime/mutants.hpp"
#include "runtime/state/snapshot_format.hpp"

#include <algorithm>

namespace us {

namespace {

using std::chrono::milliseconds;

void put_text(std::string& to, const std::string& text) {
  put_u32(to, static_cast<std::uint32_t>(text.size()));
  to.append(text);
}

bool take_text(std::string_view& from, std::string& into) {
  if (from.size() < 4) return false;
  const auto size = get_u32(from.data());
  from.remove_prefix(4);
  if (size > member_text_max || size > from.size()) return false;
  into = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}

bool kind_votes(member_kind kind) {
  return kind == member_kind::voter || kind == member_kind::witness;
}

bool stores(const group_member& member) {
  return member.kind == member_kind::voter || member.kind == member_kind::learner;
}

}  // namespace

std::string_view name_of(member_kind kind) {
  switch (kind) {
    case member_kind::voter: return "voter";
    case member_kind::learner: return "learner";
    case member_kind::witness: return "witness";
    case member_kind::witness_learner: return "learner (witness)";
  }
  return "unknown";
}

std::optional<member_kind> member_kind_of(std::uint32_t number) {
  if (number < 1 || number > 4) return std::nullopt;
  return static_cast<member_kind>(number);
}

configuration::configuration(log_index index, std::vector<group_member> members)
    : index_(index), members_(std::move(members)) {
  std::sort(members_.begin(), members_.end(),
            [](const group_member& x, const group_member& y) { return x.name < y.name; });
  for (const bool voting : {true, false}) {
    for (const auto& member : members_)
      if (kind_votes(member.kind) == voting) nodes_.push_back(member.node);
    if (voting) voters_ = nodes_.size();
  }
  if (mutant(bug::learner_counted)) voters_ = nodes_.size();
}

const group_member* configuration::find(node_id node) const {
  for (const auto& member : members_)
    if (member.node == node) return &member;
  return nullptr;
}

bool configuration::votes(node_id node) const {
  const auto end = nodes_.begin() + static_cast<std::ptrdiff_t>(voters_);
  return std::find(nodes_.begin(), end, node) != end;
}

bool configuration::is_witness(node_id node) const {
  const auto* member = find(node);
  return member != nullptr && !stores(*member);
}

std::vector<node_id> configuration::voting() const {
  return {nodes_.begin(), nodes_.begin() + static_cast<std::ptrdiff_t>(voters_)};
}

void configuration::save(std::string& to) const {
  put_u64(to, index_.value);
  put_u32(to, static_cast<std::uint32_t>(members_.size()));
  for (const auto& member : members_) {
    put_u64(to, member.node.value);
    put_u32(to, static_cast<std::uint32_t>(member.kind));
    put_text(to, member.name);
    put_text(to, member.address);
  }
}

bool configuration::load(std::string_view from) {
  if (from.size() < 12) return false;
  const log_index index{get_u64(from.data())};
  const auto count = get_u32(from.data() + 8);
  from.remove_prefix(12);
  if (count > members_max) return false;
  std::vector<group_member> members;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (from.size() < 12) return false;
    group_member member;
    member.node = {get_u64(from.data())};
    const auto kind = member_kind_of(get_u32(from.data() + 8));
    if (!kind) return false;
    member.kind = *kind;
    from.remove_prefix(12);
    if (!take_text(from, member.name) || !take_text(from, member.address)) return false;
    members.push_back(std::move(member));
  }
  *this = configuration{index, std::move(members)};
  return from.empty();
}

std::string to_string(const configuration& what) {
  std::string text;
  for (const auto kind : {member_kind::voter, member_kind::witness, member_kind::learner,
                          member_kind::witness_learner}) {
    std::string list;
    for (const auto& member : what.members())
      if (member.kind == kind) list += (list.empty() ? "" : ", ") + member.name;
    if (list.empty()) continue;
    if (kind != member_kind::voter)
      list = (text.empty() ? "" : "; ") + std::string{name_of(kind)} + " " + list;
    text += list;
  }
  return text;
}

void membership::begin_with(configuration founders) {
  if (known_.front().index().none()) known_.front() = std::move(founders);
}

const configuration& membership::at(log_index index) const {
  for (auto known = known_.rbegin(); known != known_.rend(); ++known)
    if (known->index() <= index) return *known;
  return known_.front();
}

std::size_t membership::after(log_index index) const {
  return static_cast<std::size_t>(std::count_if(
      known_.begin(), known_.end(), [&](const configuration& c) { return c.index() > index; }));
}

void membership::take(configuration next) {
  ensure(next.index() > now().index(), next.index().value, now().index().value);
  known_.push_back(std::move(next));
}

bool membership::cut_after(log_index last) {
  bool undone = false;
  while (known_.size() > 1 && known_.back().index() > last &&
         !mutant(bug::member_change_kept_when_cut)) {
    known_.pop_back();
    undone = true;
  }
  return undone;
}

void membership::committed(log_index index) {
  while (known_.size() > 1 && known_[1].index() <= index) known_.pop_front();
}

void membership::restore(configuration from_snapshot) {
  if (from_snapshot.index().none()) {  // of a program that knew only the founders
    (void)cut_after({});
    return;
  }
  known_.clear();
  known_.push_back(std::move(from_snapshot));
}

bool membership::may_stand(node_id node, log_index commit) const {
  const auto stands_in = [node](const configuration& c) {
    return c.votes(node) && (!c.is_witness(node) || mutant(bug::witness_stands));
  };
  if (stands_in(now())) return true;
  if (now().find(node) != nullptr || now().index() <= commit || known_.size() < 2) return false;
  return stands_in(known_[known_.size() - 2]);
}

namespace rules {

namespace {

std::string text_of(duration length) {
  return std::to_string(length / milliseconds{1}) + " ms";
}

/// Why this learner does not become a voter yet; empty: it may.
std::string not_caught_up(const member_change& asked, const change_situation& s, node_id node) {
  if (mutant(bug::promoted_unseen)) return {};
  const auto at = std::find_if(s.others.begin(), s.others.end(),
                               [&](const auto& other) { return other.node == node; });
  if (at == s.others.end() || !at->heard)
    return asked.name + " does not answer the leader: is it running, and is its address right?";
  if (at->recovering)
    return asked.name + " has not caught up yet: it is still being sent the records";
  if (at->lag > s.lag_max)
    return asked.name + " lags " + text_of(at->lag) + "; promote it once that is at most " +
           text_of(s.lag_max);
  return {};
}

/// Whether enough of the voters are there to commit what comes after the change.
bool reaches_majority(const configuration& next, const change_situation& s) {
  std::size_t heard = next.votes(s.leader) ? 1 : 0;
  for (const auto& other : s.others)
    if (next.votes(other.node) && other.heard && !other.recovering) ++heard;
  return heard >= majority(next.voters());
}

judged_change refused(std::string text) {
  return {change_verdict::refused, std::move(text), {}};
}

/// Whether each majority has one that keeps the records: else it could commit what nobody has.
bool majorities_have_records(const configuration& next) {
  const auto witnesses = std::ranges::count_if(
      next.members(), [](const group_member& each) { return each.kind == member_kind::witness; });
  return static_cast<std::size_t>(witnesses) < majority(next.voters());
}

judged_change too_many_witnesses(const configuration& next) {
  return refused("of " + to_string(next) +
                 " a majority could be witnesses, and what is committed would be nowhere: have "
                 "another one that keeps records vote first, or remove a witness");
}

judged_change add(const configuration& now, const member_change& asked, const change_situation& s) {
  if (asked.name.empty() || asked.name.size() > member_text_max ||
      asked.address.size() > member_text_max)
    return refused("the name of a node has 1 to " + std::to_string(member_text_max) +
                   " characters");
  const auto node = node_id_of(asked.name);
  if (const auto* member = now.find(node)) {
    if (!asked.address.empty() && !member->address.empty() && asked.address != member->address)
      return refused(asked.name + " is a member with the address " + member->address +
                     "; remove it first");
    if (asked.witness == stores(*member))
      return refused(
          asked.name + " is a " + std::string{name_of(member->kind)} +
          ": to have it otherwise, remove it, empty its data directory, and add it again");
    return {
        change_verdict::already, asked.name + " is a " + std::string{name_of(member->kind)}, {}};
  }
  if (now.members().size() >= members_max)
    return refused("the group has " + std::to_string(members_max) + " members, which is the most");
  if (!s.knows_address)
    return refused("the leader does not know where " + asked.name +
                   " is: give its address (--address HOST:PORT), or list it in the configuration "
                   "file of every node and start them again one by one");
  auto next = now.members();
  const auto kind = asked.witness ? member_kind::witness_learner : member_kind::learner;
  next.push_back({node, asked.name, asked.address, kind});
  return {change_verdict::proposes, asked.name + " is a " + std::string{name_of(kind)},
          std::move(next)};
}

judged_change promote(const configuration& now, const member_change& asked,
                      const change_situation& s) {
  const auto node = node_id_of(asked.name);
  const auto* member = now.find(node);
  if (member == nullptr) return refused(asked.name + " is no member: add it first");
  const auto kind = stores(*member) ? member_kind::voter : member_kind::witness;
  const auto is = asked.name + " is a " + std::string{name_of(kind)};
  if (member->kind == kind) return {change_verdict::already, is, {}};
  if (auto why = not_caught_up(asked, s, node); !why.empty()) return refused(std::move(why));
  auto next = now.members();
  for (auto& each : next)
    if (each.node == node) each.kind = kind;
  const configuration after{{}, next};
  if (!majorities_have_records(after)) return too_many_witnesses(after);
  if (!reaches_majority(after, s))
    return refused("with " + asked.name + " the group would not go on: of " + to_string(after) +
                   " no majority answers");
  return {change_verdict::proposes, is, std::move(next)};
}

judged_change remove(const configuration& now, const member_change& asked,
                     const change_situation& s) {
  const auto node = node_id_of(asked.name);
  const auto* member = now.find(node);
  if (member == nullptr) return {change_verdict::already, asked.name + " is no member", {}};
  auto next = now.members();
  std::erase_if(next, [&](const group_member& each) { return each.node == node; });
  const configuration after{{}, next};
  const auto keeps_records = [](const group_member& each) {
    return each.kind == member_kind::voter;
  };
  const auto may_lead = [&](const group_member& each) {
    return keeps_records(each) && std::ranges::find(s.never_lead, each.node) == s.never_lead.end();
  };
  if (std::ranges::none_of(next, keeps_records))
    return refused(asked.name + " is the last voter: add another one first");
  if (may_lead(*member) && std::ranges::none_of(next, may_lead))
    return refused(asked.name + " is the last voter that may lead: the others " +
                   "have priority 0 or keep no records");
  if (!majorities_have_records(after)) return too_many_witnesses(after);
  if (now.votes(node) && !reaches_majority(after, s) && node != s.leader)
    return refused("without " + asked.name + " the group would not go on: of " + to_string(after) +
                   " no majority answers");
  if (node == s.leader)
    return {change_verdict::hands_over, asked.name + " leads, and hands over first", {}};
  return {change_verdict::proposes, asked.name + " is no member", std::move(next)};
}

}  // namespace

judged_change judge_change(const configuration& now, const member_change& asked,
                           const change_situation& s) {
  auto judged = asked.action == member_action::add       ? add(now, asked, s)
                : asked.action == member_action::promote ? promote(now, asked, s)
                                                         : remove(now, asked, s);
  if (judged.verdict != change_verdict::proposes && judged.verdict != change_verdict::hands_over)
    return judged;
  if (!s.own_epoch_committed && !mutant(bug::members_changed_before_own_commit))
    return {change_verdict::later, "the leader is new and has not committed anything yet", {}};
  if (now.index() > s.commit && !mutant(bug::two_member_changes_at_once))
    return {change_verdict::later, "another change of members is under way", {}};
  return judged;
}

}  // namespace rules
}  // namespace us
