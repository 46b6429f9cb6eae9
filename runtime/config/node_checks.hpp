#pragma once
/// What must hold between the nodes of a configuration: no two of anything that is one. Used
/// only inside runtime/config; throws config_error.

#include "messages/ids.hpp"
#include "runtime/config/config.hpp"
#include "runtime/config/toml_reader.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace us {

/// Names of clusters and nodes are 1 to 63 of a-z, 0-9 and '-': fit for DNS labels.
void check_name(const config_place& where, const std::string& name);
endpoint read_endpoint(const config_place& where, const std::string& text);

class node_checks {
 public:
  /// `open_keys`: what strangers are meant to reach.
  node_checks(bool insecure, std::vector<std::string> open_keys)
      : insecure_(insecure), open_keys_(std::move(open_keys)) {}
  void add(const toml_reader& from, const node_config& node);

 private:
  struct listener {
    std::string node;
    std::string key;
    endpoint where;
  };
  void add_listener(const toml_reader& from, const node_config& node, const std::string& key,
                    const endpoint& where);
  void add_data(const toml_reader& from, const node_config& node);

  bool insecure_;
  std::vector<std::string> open_keys_;
  std::map<node_id, std::string> names_;
  std::vector<listener> listeners_;
  std::map<std::pair<std::string, std::string>, std::string> data_;  ///< (host, directory): node
};

}  // namespace us
