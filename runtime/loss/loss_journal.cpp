#include "runtime/loss/loss_journal.hpp"

#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace us {

namespace {

using namespace std::chrono_literals;

constexpr duration marks_wait_min = 100ms;
constexpr duration marks_wait_max = 30s;

}  // namespace

result<std::unique_ptr<loss_journal>> loss_journal::open(const ports& with, std::string directory,
                                                         std::uint64_t bytes_max) {
  auto writer =
      std::make_shared<loss_writer>(with.disk, directory, loss_file_kind::losses, bytes_max);
  if (auto opened = writer->open(); !opened) return opened.error();
  std::unique_ptr<loss_journal> journal{new loss_journal{with, std::move(writer)}};
  auto read = read_loss_files(*with.disk, directory,
                              {[&](const loss& what) { journal->note(what, true); },
                               [&](const loss_mark& m) { journal->become(m.key, m.state); }});
  if (!read) return read.error();
  journal->dropped_ = read->dropped;
  if (read->unreadable > 0)
    with.log->write(severity::warning, "losses_unreadable",
                    {{"directory", directory}, {"bytes", read->unreadable}});
  return journal;
}

loss_journal::~loss_journal() {
  if (owner_) owner_->self = nullptr;
}

void loss_journal::attach(caf::actor owner, changed_callback changed) {
  if (owner_) owner_->self = nullptr;
  owner_ = std::make_shared<ownership>(ownership{this, std::move(owner)});
  changed_ = std::move(changed);
  tell();
  if (!noting_.empty())
    run(std::make_shared<writing>(), [last = noting_.back()](loss_journal& self) {
      self.finish(last);
      self.tell();
    });
  writing_marks_ = marks_timer_ = false;
  write_marks();
}

void loss_journal::run(std::shared_ptr<writing> job, std::function<void(loss_journal&)> then) {
  executor_->run(
      lane::log,
      [job, writer = writer_] {
        if (!job->entries.empty()) job->outcome = writer->append(job->entries);
        job->dropped = writer->dropped();
      },
      owner_->owner, task{[mine = owner_, job, then = std::move(then)] {
        if (mine->self == nullptr) return;
        mine->self->dropped_ = std::max(mine->self->dropped_, job->dropped);
        then(*mine->self);
      }});
}

void loss_journal::add(std::vector<loss> losses,
                       std::function<void(result<std::vector<loss>>)> then) {
  std::erase_if(losses, [this](const loss& what) { return has(what.key); });
  auto job = std::make_shared<writing>();
  for (const auto& what : losses) {
    if (!note(what, false)) continue;  // it is on its way
    job->losses.push_back(what.key);
    if (!mutant(bug::journal_skipped)) job->entries.push_back(encode(what));
  }
  noting_.push_back(job);
  run(job, [relied_on = noting_, losses = std::move(losses), then = std::move(then)](auto& self) {
    self.finish(relied_on.back());
    self.tell();
    for (const auto& each : relied_on)
      if (!each->outcome) return then(each->outcome.error());
    then(losses);
  });
}

void loss_journal::finish(const std::shared_ptr<writing>& last) {
  if (std::find(noting_.begin(), noting_.end(), last) == noting_.end()) return;
  for (bool more = true; more; noting_.pop_front()) {
    const auto& job = noting_.front();
    more = job != last;
    for (const auto& key : job->losses) {
      if (job->outcome)
        noted_.at(key).durable = true;
      else
        forget(key);
    }
  }
}

bool loss_journal::has(const loss_key& key) const {
  const auto at = noted_.find(key);
  return at != noted_.end() && at->second.durable;
}

bool loss_journal::note(const loss& what, bool durable) {
  const noted made{what.kind, loss_state::LOST, what.session, what.sequence, durable};
  if (!noted_.emplace(what.key, made).second) return false;
  ++lost_;
  if (what.kind != loss_kind::ACKNOWLEDGED) return true;
  ++lost_acknowledged_;
  by_request_.emplace(request{what.session, what.sequence}, what.key);
  return true;
}

void loss_journal::forget(const loss_key& key) {
  become(key, loss_state::SURVIVED);
  noted_.erase(key);
}

std::size_t loss_journal::lost(loss_kind kind) const {
  return kind == loss_kind::ACKNOWLEDGED ? lost_acknowledged_ : lost_ - lost_acknowledged_;
}

void loss_journal::become(const loss_key& key, loss_state state) {
  auto at = noted_.find(key);
  if (at == noted_.end() || at->second.state == state) return;
  auto& known = at->second;
  if (known.state == loss_state::LOST) {
    --lost_;
    if (known.kind == loss_kind::ACKNOWLEDGED) --lost_acknowledged_;
    const auto same = by_request_.equal_range({known.session, known.sequence});
    for (auto one = same.first; one != same.second; ++one)
      if (one->second == key) {
        by_request_.erase(one);
        break;
      }
  }
  known.state = state;
}

void loss_journal::mark(const loss_key& key, loss_state state) {
  become(key, state);
  marks_.push_back({key, state, clock_->wall_ms()});
}

void loss_journal::marked() {
  tell();
  write_marks();
}

void loss_journal::entry_survived(us::epoch epoch, log_index index) {
  if (mutant(bug::survivor_not_settled)) return;
  const auto before = lost_;
  for (auto at = noted_.lower_bound({epoch, index, 0});
       at != noted_.end() && at->first <= loss_key{epoch, index, rest_of_entry}; ++at) {
    if (at->second.state != loss_state::LOST) continue;
    probe(rare::loss_survived);
    mark(at->first, loss_state::SURVIVED);
  }
  if (lost_ != before) marked();
}

void loss_journal::request_executed(session_id session, request_sequence sequence, bool changed) {
  const auto before = lost_;
  for (auto at = by_request_.find({session, sequence}); at != by_request_.end();
       at = by_request_.find({session, sequence})) {
    probe(rare::loss_executed_again);
    const auto key = at->second;
    mark(key, changed ? loss_state::EXECUTED_AGAIN : loss_state::WITHOUT_EFFECT);
  }
  if (lost_ != before) marked();
}

void loss_journal::settle(
    const std::function<loss_state(const loss_key&, session_id, request_sequence)>& judge) {
  const auto before = lost_;
  for (auto& [key, known] : noted_) {
    if (known.state != loss_state::LOST) continue;
    const auto state = judge(key, known.session, known.sequence);
    if (state == loss_state::LOST) continue;
    if (state == loss_state::UNCERTAIN) probe(rare::loss_uncertain);
    mark(key, state);
  }
  if (lost_ != before) marked();
}

void loss_journal::tell() const {
  if (changed_) changed_(*this);
}

void loss_journal::write_marks() {
  if (marks_.empty() || writing_marks_ || !owner_) return;
  writing_marks_ = true;
  auto job = std::make_shared<writing>();
  for (const auto& m : marks_) job->entries.push_back(encode(m));
  run(job, [job](loss_journal& self) {
    self.writing_marks_ = false;
    if (!job->outcome) return self.write_marks_later();
    self.marks_wait_ = duration{0};
    self.marks_.erase(self.marks_.begin(),
                      self.marks_.begin() + static_cast<std::ptrdiff_t>(job->entries.size()));
    self.write_marks();
  });
}

/// No snapshot is taken while any waits, and there may be no next ones for long.
void loss_journal::write_marks_later() {
  marks_wait_ = std::clamp(2 * marks_wait_, marks_wait_min, marks_wait_max);
  if (std::exchange(marks_timer_, true)) return;
  clock_->after(marks_wait_, owner_->owner, task{[mine = owner_] {
                  if (mine->self == nullptr) return;
                  mine->self->marks_timer_ = false;
                  mine->self->write_marks();
                }});
}

}  // namespace us
