#include "sim/world/selector_resolver.h"

#include <algorithm>
#include <utility>

#include "sim/model/internal_topics.h"
#include "sim/protocol/group/coordinator_partition.h"

namespace bsim {
namespace {

using Found = Result<Processes, std::string>;

// The nodes that a selector of one kind is among: what `not` leaves out.
enum class Kind { Brokers, Controllers, Clients, Servers };

Kind kind_of_selector(const Selector& selector) {
    if (const auto* random = std::get_if<RandomSelector>(&selector))
        return kind_of_selector(*random->of);
    if (const auto* inverse = std::get_if<NotSelector>(&selector))
        return kind_of_selector(*inverse->of);
    if (std::holds_alternative<ControllerSelector>(selector) ||
        std::holds_alternative<ActiveControllerSelector>(selector) ||
        std::holds_alternative<AllControllersSelector>(selector))
        return Kind::Controllers;
    if (std::holds_alternative<ClientsSelector>(selector) ||
        std::holds_alternative<ClientSelector>(selector) ||
        std::holds_alternative<GroupSelector>(selector))
        return Kind::Clients;
    return Kind::Brokers;
}

bool is_client(const Process& process) {
    const std::string& name = process.name().text();
    return name.starts_with("producer-") || name.starts_with("consumer-");
}

}  // namespace

class SelectorResolver::Visitor {
  public:
    Visitor(const SelectorResolver& resolver, const Asked& asked)
        : cluster_(resolver.cluster_), scenario_(resolver.scenario_), asked_(asked) {}

    Found of(const Selector& selector) { return std::visit(*this, selector.form()); }

    Found operator()(const BrokerSelector& s) { return one(cluster_.broker(s.id)); }
    Found operator()(const ControllerSelector& s) { return one(cluster_.controller(s.id)); }
    Found operator()(const ActiveControllerSelector&) {
        Process* const active = cluster_.active_controller();
        return active == nullptr ? Found(Err{std::string("no controller is active")}) : one(active);
    }
    Found operator()(const AllBrokersSelector&) { return all(Kind::Brokers); }
    Found operator()(const AllControllersSelector&) { return all(Kind::Controllers); }
    Found operator()(const ClientsSelector&) {
        return nonempty(all(Kind::Clients), "there are no clients");
    }
    Found operator()(const RackSelector& s) {
        Processes out;
        for (const NodeSpec& spec : scenario_.brokers) {
            if (spec.rack == s.rack)
                out.push_back(cluster_.broker(spec.id));
        }
        return nonempty(std::move(out), "no broker is in rack " + s.rack);
    }
    Found operator()(const ClientSelector& s);
    Found operator()(const GroupSelector& s) const;
    Found operator()(const CoordinatorSelector& s);
    Found operator()(const LeaderSelector& s);
    Found operator()(const FollowerSelector& s);
    Found operator()(const IsrSelector& s);
    Found operator()(const RandomSelector& s);
    Found operator()(const NotSelector& s);

  private:
    static Found one(Process* process) { return Processes{process}; }
    static Found nonempty(Processes found, std::string why) {
        return found.empty() ? Found(Err{std::move(why)}) : Found(std::move(found));
    }
    Processes all(Kind kind) const;
    Processes those(const std::vector<BrokerId>& ids) const;
    const PartitionRegistration* partition(const TopicPartition& p) const {
        const MetadataImage* image = cluster_.committed();
        return image == nullptr ? nullptr : image->partition(p);
    }

    Cluster& cluster_;
    const Scenario& scenario_;
    const Asked& asked_;
};

Processes SelectorResolver::Visitor::all(Kind kind) const {
    Processes out;
    for (Process* process : cluster_.processes()) {
        const std::string& name = process->name().text();
        const auto id = process->name().kafka_id();
        const bool controller = id && cluster_.controller(*id) == process;
        const bool broker = id && cluster_.broker(*id) == process;
        const bool fits = kind == Kind::Clients       ? is_client(*process)
                          : kind == Kind::Brokers     ? broker
                          : kind == Kind::Controllers ? controller
                                                      : broker || controller;
        if (fits && name != "admin")
            out.push_back(process);
    }
    return out;
}

Processes SelectorResolver::Visitor::those(const std::vector<BrokerId>& ids) const {
    Processes out;
    for (const BrokerId id : ids)
        out.push_back(cluster_.broker(id));
    return out;
}

Found SelectorResolver::Visitor::operator()(const ClientSelector& s) {
    std::string prefix = s.role == ClientSelector::Role::Producer ? "producer-" : "consumer-";
    prefix += s.name + "-";
    Processes out;
    for (Process* process : all(Kind::Clients)) {
        const std::string& name = process->name().text();
        if (!name.starts_with(prefix))
            continue;
        const std::string rest = name.substr(prefix.size());
        const bool index = !rest.empty() && rest.find_first_not_of("0123456789") == rest.npos;
        if (index && (!s.instance || rest == std::to_string(*s.instance)))
            out.push_back(process);
    }
    return nonempty(std::move(out), "there is no " + to_string(Selector(s)));
}

Found SelectorResolver::Visitor::operator()(const GroupSelector& s) const {
    Processes out;
    for (const ConsumerSpec& spec : scenario_.consumers) {
        if (spec.group != s.group)
            continue;
        for (const auto& member : cluster_.consumers(spec.name))
            out.push_back(member.get());
    }
    return nonempty(std::move(out), "nobody is in group " + s.group);
}

Found SelectorResolver::Visitor::operator()(const CoordinatorSelector& s) {
    const MetadataImage* image = cluster_.committed();
    const TopicImage* offsets =
        image == nullptr ? nullptr : image->topic(std::string(kOffsetsTopic));
    if (offsets == nullptr)
        return Err{"group " + s.group + " has no coordinator yet"};
    const auto count = static_cast<std::int32_t>(offsets->partitions.size());
    return (*this)(
        LeaderSelector{{std::string(kOffsetsTopic), group::coordinator_partition(s.group, count)}});
}

Found SelectorResolver::Visitor::operator()(const LeaderSelector& s) {
    const PartitionRegistration* const found = partition(s.partition);
    if (found == nullptr || !found->leader)
        return Err{s.partition.to_string() + " has no leader"};
    return one(cluster_.broker(*found->leader));
}

Found SelectorResolver::Visitor::operator()(const FollowerSelector& s) {
    const PartitionRegistration* const found = partition(s.partition);
    std::vector<BrokerId> followers;
    if (found != nullptr) {
        std::copy_if(found->replicas.begin(), found->replicas.end(), std::back_inserter(followers),
                     [&](BrokerId id) { return id != found->leader; });
    }
    const auto place = static_cast<std::size_t>(s.number);
    if (followers.size() < place)
        return Err{s.partition.to_string() + " has no follower " + std::to_string(s.number)};
    return one(cluster_.broker(followers[place - 1]));
}

Found SelectorResolver::Visitor::operator()(const IsrSelector& s) {
    const PartitionRegistration* const found = partition(s.partition);
    if (found == nullptr)
        return Err{s.partition.to_string() + " does not exist"};
    std::vector<BrokerId> isr = found->isr;
    std::sort(isr.begin(), isr.end());
    return nonempty(those(isr), s.partition.to_string() + " has nobody in sync");
}

Found SelectorResolver::Visitor::operator()(const RandomSelector& s) {
    Found from = of(*s.of);
    if (!from)
        return from;
    // The places of those picked: each next one among those left.
    Processes left = *from;
    Processes picked;
    for (std::int32_t i = 0; i < s.count && !left.empty(); ++i) {
        const auto place = static_cast<std::ptrdiff_t>(asked_.draws.below(left.size()));
        picked.push_back(left[static_cast<std::size_t>(place)]);
        left.erase(left.begin() + place);
    }
    std::erase_if(*from, [&](Process* process) {
        return std::find(picked.begin(), picked.end(), process) == picked.end();
    });
    return from;
}

Found SelectorResolver::Visitor::operator()(const NotSelector& s) {
    const Found left_out = of(*s.of);
    Processes out = all(kind_of_selector(*s.of));
    if (asked_.others == Others::Everybody) {
        out = all(Kind::Servers);
        const Processes clients = all(Kind::Clients);
        out.insert(out.end(), clients.begin(), clients.end());
    }
    if (left_out) {
        std::erase_if(out, [&](Process* process) {
            return std::find(left_out->begin(), left_out->end(), process) != left_out->end();
        });
    }
    return nonempty(std::move(out), "there is nobody else than " + to_string(*s.of));
}

Found SelectorResolver::resolve(const Asked& asked) const {
    return Visitor(*this, asked).of(asked.selector);
}

Processes SelectorResolver::everybody() const {
    return cluster_.processes();
}

}  // namespace bsim
