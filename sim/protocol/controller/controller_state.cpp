#include "sim/protocol/controller/controller_state.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

namespace bsim::controller {
namespace {

// Names that differ only so would give metrics of the same name.
std::string unify_collision_chars(std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

bool has_collision_chars(const std::string& name) {
    return name.find_first_of("._") != std::string::npos;
}

}  // namespace

ControllerState::ControllerState(ControllerConfig config)
    : config_(std::move(config)), heartbeats_(config_.session_timeout) {}

void ControllerState::activate(SimTime now, const MetadataImage& committed) {
    *this = ControllerState(std::move(config_));
    image_ = committed;
    MetadataDelta everything;
    for (const auto& [id, topic] : image_.topics()) {
        everything.topics_created.emplace(id, topic.name);
        for (const auto& [partition, registration] : topic.partitions) {
            everything.partitions.emplace(TopicIdPartition{id, partition}, std::nullopt);
        }
    }
    index(everything);
    for (const auto& [id, broker] : image_.brokers()) {
        index_broker_directories(id, {});
        heartbeats_.registered(now, id, broker.fenced);
    }
}

void ControllerState::apply(SimTime now, const wire::MetadataRecord& record, Offset offset) {
    MetadataDelta delta;
    const auto directories_of = [this](BrokerId id) {
        const BrokerRegistration* broker = image_.broker(id);
        return broker == nullptr ? std::vector<Uuid>{} : broker->directories;
    };
    std::map<BrokerId, std::vector<Uuid>> before;
    std::visit(
        [&](const auto& body) {
            if constexpr (requires { body.log_dirs; }) {
                before[BrokerId(body.broker_id)] = directories_of(BrokerId(body.broker_id));
            } else if constexpr (std::is_same_v<std::decay_t<decltype(body)>,
                                                wire::UnregisterBrokerRecord>) {
                before[BrokerId(body.broker_id)] = directories_of(BrokerId(body.broker_id));
            }
            static_cast<void>(body);
        },
        record);
    image_.apply(record, offset, delta);
    index(delta);
    for (const auto& [broker, directories] : before)
        index_broker_directories(broker, directories);
    track_sessions(now, record);
}

void ControllerState::index(const MetadataDelta& delta) {
    for (const auto& [tp, before] : delta.partitions) {
        const PartitionRegistration* after = image_.partition(tp);
        isrs_.update(tp, before ? &*before : nullptr, after);
        if (after != nullptr && !after->has_preferred_leader()) {
            imbalanced_.insert(tp);
        } else {
            imbalanced_.erase(tp);
        }
        if (before && after != nullptr && before->directories == after->directories)
            continue;
        if (before) {
            for (const Uuid& id : before->directories) {
                const auto at = directories_.find(id);
                if (at == directories_.end())
                    continue;
                at->second.erase(tp);
                if (at->second.empty())
                    directories_.erase(at);
            }
        }
        if (after == nullptr)
            continue;
        for (const Uuid& id : after->directories) {
            if (!is_reserved_directory(id))
                directories_[id].insert(tp);
        }
    }
    for (const auto& [id, name] : delta.topics_created) {
        if (has_collision_chars(name)) {
            names_with_collision_chars_[unify_collision_chars(name)].insert(name);
        }
    }
    for (const auto& [id, name] : delta.topics_deleted) {
        const auto at = names_with_collision_chars_.find(unify_collision_chars(name));
        if (at == names_with_collision_chars_.end())
            continue;
        at->second.erase(name);
        if (at->second.empty())
            names_with_collision_chars_.erase(at);
    }
}

void ControllerState::index_broker_directories(BrokerId broker, const std::vector<Uuid>& before) {
    for (const Uuid& id : before)
        directory_owners_.erase(id);
    const BrokerRegistration* now = image_.broker(broker);
    if (now == nullptr)
        return;
    for (const Uuid& id : now->directories)
        directory_owners_[id] = broker;
}

void ControllerState::track_sessions(SimTime now, const wire::MetadataRecord& record) {
    if (const auto* made = std::get_if<wire::RegisterBrokerRecord>(&record)) {
        // Nothing of an earlier registration's session is kept.
        heartbeats_.remove(BrokerId(made->broker_id));
        heartbeats_.registered(now, BrokerId(made->broker_id), made->fenced);
    } else if (const auto* gone = std::get_if<wire::UnregisterBrokerRecord>(&record)) {
        heartbeats_.remove(BrokerId(gone->broker_id));
    } else if (const auto* changed = std::get_if<wire::BrokerRegistrationChangeRecord>(&record)) {
        const BrokerId id(changed->broker_id);
        heartbeats_.registered(now, id, image_.broker(id)->fenced);
    }
}

const std::set<TopicIdPartition>& ControllerState::in_directory(const Uuid& directory) const {
    static const std::set<TopicIdPartition> kNone;
    const auto at = directories_.find(directory);
    return at == directories_.end() ? kNone : at->second;
}

const std::string* ControllerState::colliding_topic(const std::string& name) const {
    if (!has_collision_chars(name))
        return nullptr;
    const auto at = names_with_collision_chars_.find(unify_collision_chars(name));
    return at == names_with_collision_chars_.end() ? nullptr : &*at->second.begin();
}

std::optional<BrokerId> ControllerState::owner_of_directory(const Uuid& directory) const {
    const auto at = directory_owners_.find(directory);
    if (at == directory_owners_.end())
        return std::nullopt;
    return at->second;
}

bool ControllerState::unclean_election_enabled(const std::string& topic) const {
    auto set = image_.topic_config(topic, config_.node, "unclean.leader.election.enable");
    if (!set)
        return config_.unclean_leader_election;
    for (char& c : *set) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return *set == "true";
}

bool ControllerState::may_lead(const PartitionRegistration& partition, BrokerId broker) const {
    const BrokerRegistration* registration = image_.broker(broker);
    if (registration == nullptr || !registration->is_active())
        return false;
    const auto directory = partition.directory_of(broker);
    return directory && registration->has_online_directory(*directory);
}

Uuid ControllerState::default_directory(BrokerId broker) const {
    const BrokerRegistration* registration = image_.broker(broker);
    if (registration == nullptr)
        return kUnassignedDirectory;
    if (registration->directories.empty())
        return kMigratingDirectory;
    if (registration->directories.size() == 1)
        return registration->directories.front();
    return kUnassignedDirectory;
}

}  // namespace bsim::controller
