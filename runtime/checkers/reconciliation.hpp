#pragma once
/// Holds what clients were told against what the system has in the end.
///
/// reconcile: every acknowledged request must be in the final state once: none lost, none twice;
/// and nothing must be there that was certainly rejected or never asked. check_convergence: every
/// replica must hold the same. Requests are named as the caller likes, one name for one request.
///
/// Pure functions over what they are given; results say in lines what differs.

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace us {

/// What became of the requests, as their clients were told.
struct request_outcomes {
  std::set<std::string> acknowledged;
  std::set<std::string> unknown;  ///< may be in the final state, once
};

struct reconciliation {
  std::vector<std::string> lost;        ///< acknowledged, and not there
  std::vector<std::string> duplicated;  ///< there more than once
  std::vector<std::string> unasked;     ///< there, though rejected or never asked
  std::string explanation;              ///< empty when all is as it should be
  bool held() const { return lost.empty() && duplicated.empty() && unasked.empty(); }
};

/// `applied`: the requests whose effect the final state has, in any order, each as often as it has
/// it.
reconciliation reconcile(const request_outcomes& told, const std::vector<std::string>& applied);

using replica_contents = std::map<std::string, std::string>;  ///< key to value, or key to digest

struct convergence {
  bool converged = true;
  std::string first_replica;  ///< the two that differ first, by name
  std::string second_replica;
  std::string key;          ///< the first key on which they differ
  std::string explanation;  ///< empty when converged
};

convergence check_convergence(const std::map<std::string, replica_contents>& replicas);
/// By one digest per replica.
convergence check_convergence(const std::map<std::string, std::string>& digests);

}  // namespace us
