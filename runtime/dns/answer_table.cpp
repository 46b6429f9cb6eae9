#include "runtime/dns/answer_table.hpp"

#include "runtime/dns/rotation.hpp"
#include "runtime/ensure.hpp"

#include <algorithm>
#include <map>

namespace us::dns {

namespace {

record_type address_type(const std::string& address) {
  return address.find(':') == std::string::npos ? record_type::a : record_type::aaaa;
}

std::string address_record(const std::string& name, std::uint32_t ttl, const std::string& address) {
  return name + ". " + std::to_string(ttl) + " IN " +
         (address_type(address) == record_type::a ? "A " : "AAAA ") + address;
}

}  // namespace

const answer_table::answers* answer_table::name::find(record_type type) const {
  for (const auto& each : types)
    if (each.type == type) return &each;
  return nullptr;
}

bool answer_table::in_zone(std::string_view wire_name) const {
  for (std::size_t at = 0; wire_name.size() - at >= zone_.size();) {
    if (wire_name.size() - at == zone_.size()) return wire_name.substr(at) == zone_;
    at += static_cast<unsigned char>(wire_name[at]) + std::size_t{1};
    if (at > wire_name.size()) return false;
  }
  return false;
}

/// Makes one table.
class table_maker {
 public:
  table_maker(const zone& z, const std::vector<bool>& living, std::uint32_t serial)
      : zone_(z), living_(living), serial_(serial), table_(std::make_shared<answer_table>()) {}

  std::shared_ptr<const answer_table> make();

 private:
  using group = std::vector<std::size_t>;  ///< indexes of backends

  void add_apex();
  void add_backend_names();
  void add_services();
  void add_addresses(const std::string& service, const group& members, record_type type);
  void add_srv(const std::string& name, const group& members);
  void add_missing_parents();
  void add_any();
  void add(const std::string& name, record_type type, record_texts records);
  answer_table::name& at(const std::string& name) { return table_->names_[encode_name(name)]; }

  struct chosen {
    group members;
    bool failing = false;
  };
  chosen choose(const group& members) const;
  std::string soa(std::uint32_t ttl) const;

  const zone& zone_;
  const std::vector<bool>& living_;
  std::uint32_t serial_;
  std::shared_ptr<answer_table> table_;
};

std::shared_ptr<const answer_table> table_maker::make() {
  ensure(living_.size() == zone_.backends.size(), living_.size(), zone_.backends.size());
  table_->zone_ = encode_name(zone_.name);
  table_->negative_ = encode_authority(soa(std::min(zone_.static_ttl_s, zone_.negative_ttl_s)));
  add_apex();
  add_backend_names();
  add_services();
  add_missing_parents();
  add_any();
  return table_;
}

std::string table_maker::soa(std::uint32_t ttl) const {
  const auto first = zone_.name_servers.empty() ? std::string{"ns"} : zone_.name_servers[0].name;
  return zone_.name + ". " + std::to_string(ttl) + " IN SOA " + absolute(zone_, first) +
         ". hostmaster." + zone_.name + ". " + std::to_string(serial_) + " 3600 600 86400 " +
         std::to_string(zone_.negative_ttl_s);
}

void table_maker::add(const std::string& name, record_type type, record_texts records) {
  at(name).types.push_back({type, false, {encode_behind(name, records)}});
}

void table_maker::add_apex() {
  add(zone_.name, record_type::soa, {{soa(zone_.static_ttl_s)}, {}, {}});
  record_texts servers;
  for (const auto& server : zone_.name_servers) {
    const auto name = absolute(zone_, server.name);
    servers.answers.push_back(zone_.name + ". " + std::to_string(zone_.static_ttl_s) + " IN NS " +
                              name + ".");
    auto glue = address_record(name, zone_.static_ttl_s, server.address);
    servers.additionals.push_back(glue);
    add(name, address_type(server.address), {{glue}, {}, {}});
  }
  if (!servers.answers.empty()) add(zone_.name, record_type::ns, std::move(servers));
}

void table_maker::add_backend_names() {
  for (const auto& each : zone_.backends) {
    const auto name = absolute(zone_, each.name);
    add(name, address_type(each.address),
        {{address_record(name, zone_.static_ttl_s, each.address)}, {}, {}});
  }
}

void table_maker::add_services() {
  std::map<std::string, group> services;
  std::map<std::string, group> srvs;
  for (std::size_t i = 0; i < zone_.backends.size(); ++i) {
    const auto& each = zone_.backends[i];
    const auto service = absolute(zone_, each.serves);
    services[service].push_back(i);
    if (!each.srv.empty()) srvs[each.srv + "." + service].push_back(i);
  }
  for (const auto& [name, members] : services) {
    add_addresses(name, members, record_type::a);
    add_addresses(name, members, record_type::aaaa);
  }
  for (const auto& [name, members] : srvs) add_srv(name, members);
}

// Who is answered: those who live; when nobody does, what the zone says for that.
table_maker::chosen table_maker::choose(const group& members) const {
  chosen found;
  for (auto i : members)
    if (living_[i]) found.members.push_back(i);
  if (!found.members.empty()) return found;
  if (zone_.all_down == all_down::answer_all) return {members, false};
  return {{}, true};
}

void table_maker::add_addresses(const std::string& service, const group& members,
                                record_type type) {
  auto is_of_type = [&](std::size_t i) { return address_type(zone_.backends[i].address) == type; };
  if (std::none_of(members.begin(), members.end(), is_of_type)) return;
  auto found = choose(members);
  std::erase_if(found.members, [&](std::size_t i) { return !is_of_type(i); });
  answer_table::answers made{type, found.failing, {}};
  std::vector<std::uint16_t> weights;
  for (auto i : found.members) weights.push_back(zone_.backends[i].weight);
  for (const auto& order : rotations(weights, zone_.answers_max)) {
    record_texts records;
    for (auto i : order)
      records.answers.push_back(
          address_record(service, zone_.ttl_s, zone_.backends[found.members[i]].address));
    made.orders.push_back(encode_behind(service, records));
  }
  if (made.failing || !made.orders.empty()) at(service).types.push_back(std::move(made));
}

void table_maker::add_srv(const std::string& name, const group& members) {
  const auto found = choose(members);
  answer_table::answers made{record_type::srv, found.failing, {}};
  std::vector<std::uint16_t> weights;
  for (auto i : found.members) weights.push_back(zone_.backends[i].weight);
  for (const auto& order : rotations(weights, zone_.answers_max)) {
    record_texts records;
    for (auto i : order) {
      const auto& each = zone_.backends[found.members[i]];
      const auto host = absolute(zone_, each.name);
      records.answers.push_back(name + ". " + std::to_string(zone_.ttl_s) + " IN SRV 0 " +
                                std::to_string(each.weight) + " " + std::to_string(each.port) +
                                " " + host + ".");
      records.additionals.push_back(address_record(host, zone_.static_ttl_s, each.address));
    }
    made.orders.push_back(encode_behind(name, records));
  }
  at(name).types.push_back(std::move(made));
}

// A name below which there are names exists, even without records of its own (RFC 8020).
void table_maker::add_missing_parents() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : table_->names_) names.push_back(name);
  for (std::string_view name : names)
    while (name.size() > table_->zone_.size()) {
      table_->names_.try_emplace(std::string{name});
      name.remove_prefix(static_cast<unsigned char>(name[0]) + std::size_t{1});
    }
}

// One small record instead of everything (RFC 8482). It points at nothing but the question's name.
void table_maker::add_any() {
  const auto texts = record_texts{
      {zone_.name + ". " + std::to_string(zone_.static_ttl_s) + " IN HINFO \"RFC8482\" \"\""},
      {},
      {}};
  const auto record = encode_behind(zone_.name, texts);
  for (auto& [name, entry] : table_->names_)
    entry.types.push_back({record_type::any, false, {record}});
}

std::shared_ptr<const answer_table> answer_table::make(const zone& z,
                                                       const std::vector<bool>& living,
                                                       std::uint32_t serial) {
  return table_maker{z, living, serial}.make();
}

}  // namespace us::dns
