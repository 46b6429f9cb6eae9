#include "runtime/config/node_checks.hpp"

#include <algorithm>
#include <filesystem>

namespace us {

namespace {

bool is_wildcard(const endpoint& e) {
  return e.host == "0.0.0.0" || e.host == "::";
}

// One spelling per address, as far as that shows without asking DNS.
std::string canonical(const std::string& host) {
  return host == "localhost" ? "127.0.0.1" : host;
}

}  // namespace

void check_name(const config_place& where, const std::string& name) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (name.empty() || name.size() > 63 || !std::all_of(name.begin(), name.end(), allowed))
    where.fail("\"" + name + "\" is no name: 1 to 63 of a-z, 0-9 and -");
}

endpoint read_endpoint(const config_place& where, const std::string& text) {
  auto parsed = parse_endpoint(text);
  if (!parsed) where.fail(parsed.error().text);
  return *parsed;
}

void node_checks::add(const toml_reader& from, const node_config& node) {
  auto [at, added] = names_.emplace(node_id_of(node.name), node.name);
  if (!added && at->second == node.name)
    from.fail("name", "another node is called \"" + node.name + "\"");
  if (!added)
    from.fail("name", "\"" + node.name + "\" has the same id as \"" + at->second +
                          "\"; choose another name");
  if (is_wildcard(node.address))
    from.fail("address", "others cannot reach a node at " + node.address.host +
                             "; name one address of this machine");
  add_listener(from, node, "address", node.address);
  if (node.admin.port != 0) add_listener(from, node, "admin", node.admin);
  for (const auto& [key, where] : node.edges) add_listener(from, node, key, where);
  add_data(from, node);
}

// Two nodes on two machines may both listen at the wildcard address, but not one node twice.
void node_checks::add_listener(const toml_reader& from, const node_config& node,
                               const std::string& key, const endpoint& where) {
  for (const auto& other : listeners_) {
    if (other.where.port != where.port) continue;
    auto same_node = other.node == node.name;
    auto same_host = canonical(other.where.host) == canonical(where.host);
    auto overlaps = is_wildcard(other.where) || is_wildcard(where);
    if (same_node ? same_host || overlaps : same_host && !overlaps)
      from.fail(key, to_string(where) + " is taken by node " + other.node + "'s " + other.key);
  }
  const bool open = std::find(open_keys_.begin(), open_keys_.end(), key) != open_keys_.end();
  if (!where.loopback() && !insecure_ && !open)
    from.fail(key, to_string(where) +
                       " is beyond loopback: that needs TLS, which is not available yet, or "
                       "insecure = true in [cluster] on a network that you trust");
  listeners_.push_back({node.name, key, where});
}

void node_checks::add_data(const toml_reader& from, const node_config& node) {
  auto directory = std::filesystem::path{node.data}.lexically_normal().string();
  if (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  auto host = node.address.loopback() ? std::string{"127.0.0.1"} : node.address.host;
  auto [at, added] = data_.emplace(std::pair{host, directory}, node.name);
  if (!added)
    from.fail("data", "\"" + node.data + "\" is node " + at->second +
                          "'s directory; each node needs its own");
}

}  // namespace us
