#include "sim/report/groups_text.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <map>

#include "sim/base/java_order.h"

namespace bsim {

namespace {

constexpr std::size_t kColumn = 15;
constexpr std::string_view kMissing = "-";

// One row of a table, and how wide each column is at least; the last one is not filled up.
using Row = std::vector<std::string>;
using Widths = std::vector<std::size_t>;

std::string line_of(const Row& row, const Widths& widths) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
        line += fmt::format("{}{:<{}}", i == 0 ? "" : " ", row[i], widths[i]);
    return line;
}

// For those columns that the real tool widens to what stands in them.
void widen(Widths& widths, const Row& row, const std::vector<std::size_t>& columns) {
    for (const std::size_t column : columns)
        widths[column] = std::max(widths[column], row[column].size());
}

std::string_view state_name(const GroupSnapshot& group) {
    return EnumNames<GroupStateName>::kNames[static_cast<std::size_t>(group.state)];
}

struct MemberRow {
    std::string id;
    std::string client;
    std::string instance;
    std::vector<TopicPartition> assigned;
};

// In the order in which the coordinator walks them. Only a stable group tells what is assigned.
// Of members with one client.id the first has what is assigned to them all: the trace does not
// divide it.
std::vector<MemberRow> members_of(const GroupSnapshot& group) {
    std::vector<MemberRow> members;
    std::vector<std::uint32_t> hashes;
    GroupAssignment left;
    if (group.state == GroupStateName::Stable)
        left = group.assignment;
    for (const auto& [id, member] : group.members) {
        hashes.push_back(java_hash(id));
        auto& row = members.emplace_back();
        row.id = id;
        row.client = member.client;
        row.instance = member.instance;
    }
    std::vector<MemberRow> ordered;
    for (const std::size_t i : scala_hash_order(hashes))
        ordered.push_back(std::move(members[i]));
    for (MemberRow& member : ordered) {
        auto assigned = left.extract(member.client);
        if (assigned)
            member.assigned = std::move(assigned.mapped());
    }
    return ordered;
}

// What the real tool says of a state; empty if nothing.
std::string about_state(const std::string& id, const GroupSnapshot& group) {
    switch (group.state) {
        case GroupStateName::Empty:
            return fmt::format("\nConsumer group '{}' has no active members.\n", id);
        case GroupStateName::PreparingRebalance:
        case GroupStateName::CompletingRebalance:
            return fmt::format("\nWarning: Consumer group '{}' is rebalancing.\n", id);
        case GroupStateName::Stable:
        case GroupStateName::Dead:
            break;
    }
    return "";
}

std::uint32_t java_hash(const TopicPartition& p) {
    const auto number = static_cast<std::uint32_t>(p.partition.value());
    return 31 * (31 + number) + bsim::java_hash(p.topic);
}

// By number, then as a java.util.HashMap walks them.
std::vector<TopicPartition> in_tool_order(std::vector<TopicPartition> partitions) {
    std::stable_sort(partitions.begin(), partitions.end(),
                     [](const auto& a, const auto& b) { return a.partition < b.partition; });
    std::vector<std::uint32_t> hashes;
    for (const TopicPartition& p : partitions)
        hashes.push_back(java_hash(p));
    std::vector<TopicPartition> ordered;
    for (const std::size_t i : java_hash_order(hashes))
        ordered.push_back(partitions[i]);
    return ordered;
}

// The columns after the group's name.
Row offset_row(const ClusterView& view,
               const std::string& id,
               const GroupSnapshot& group,
               const TopicPartition& p) {
    const auto committed = group.offsets.find(p);
    const Offset end = view.readable_end(p);
    const bool known = committed != group.offsets.end();
    return {id,
            p.topic,
            std::to_string(p.partition.value()),
            known ? std::to_string(committed->second.value()) : std::string(kMissing),
            std::to_string(end.value()),
            known ? std::to_string(end - committed->second) : std::string(kMissing)};
}

std::string offsets_table(const ClusterView& view,
                          const std::string& id,
                          const GroupSnapshot& group) {
    std::vector<MemberRow> members = members_of(group);
    std::stable_sort(members.begin(), members.end(), [](const MemberRow& a, const MemberRow& b) {
        return a.assigned.size() > b.assigned.size();
    });
    std::vector<Row> rows;
    std::map<TopicPartition, Offset> unassigned = group.offsets;
    const auto add = [&](const TopicPartition& p, const Row& owner) {
        Row row = offset_row(view, id, group, p);
        row.insert(row.end(), owner.begin(), owner.end());
        rows.push_back(std::move(row));
    };
    for (const MemberRow& member : members) {
        for (const TopicPartition& p : in_tool_order(member.assigned)) {
            add(p, {member.id, "/" + member.client, member.client});
            unassigned.erase(p);
        }
    }
    std::vector<TopicPartition> rest;
    for (const auto& [p, offset] : unassigned)
        rest.push_back(p);
    for (const TopicPartition& p : in_tool_order(rest))
        add(p, Row(3, std::string(kMissing)));
    if (rows.empty())
        return "";
    Widths widths = {kColumn, kColumn, 10, kColumn, kColumn, kColumn, kColumn, kColumn, 0};
    for (const Row& row : rows)
        widen(widths, row, {0, 1, 6, 7});
    rows.insert(rows.begin(), {"GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET",
                               "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID"});
    std::string text;
    for (const Row& row : rows)
        text += '\n' + line_of(row, widths);
    return text;
}

// "(0,1), (3)": the numbers of each topic, as texts in order, without the topics' names.
std::string partitions_text(const std::vector<TopicPartition>& partitions) {
    std::map<std::string, std::vector<std::string>> by_topic;
    for (const TopicPartition& p : partitions)
        by_topic[p.topic].push_back(std::to_string(p.partition.value()));
    std::vector<std::string> texts;
    for (auto& [topic, numbers] : by_topic) {
        std::sort(numbers.begin(), numbers.end());
        texts.push_back(fmt::format("({})", fmt::join(numbers, ",")));
    }
    std::sort(texts.begin(), texts.end());
    return texts.empty() ? std::string(kMissing) : fmt::format("{}", fmt::join(texts, ", "));
}

std::string members_table(const std::string& id, const GroupSnapshot& group, bool verbose) {
    const std::vector<MemberRow> members = members_of(group);
    const bool with_instances = std::any_of(members.begin(), members.end(), [](const auto& member) {
        return !member.instance.empty();
    });
    std::vector<Row> rows;
    Widths widths = {kColumn, kColumn, 17, kColumn, kColumn, kColumn};
    for (const MemberRow& member : members) {
        rows.push_back({id, member.id, member.instance, "/" + member.client, member.client,
                        std::to_string(member.assigned.size())});
        widen(widths, rows.back(), {0, 1, 2, 3, 4});
    }
    rows.insert(rows.begin(),
                {"GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS"});
    if (!with_instances) {
        widths.erase(widths.begin() + 2);
        for (Row& row : rows)
            row.erase(row.begin() + 2);
    }
    std::string text = "\n";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        text += line_of(rows[i], widths) + ' ';
        if (verbose)
            text += i == 0 ? "ASSIGNMENT" : partitions_text(members[i - 1].assigned);
        text += '\n';
    }
    return text;
}

std::string state_table(const std::string& id, const GroupSnapshot& group) {
    std::string coordinator;
    if (group.coordinator) {
        const auto broker = group.coordinator->kafka_id();
        coordinator =
            fmt::format("{}:9092  ({})", group.coordinator->text(), broker ? broker->value() : -1);
    }
    const Widths widths = {std::max<std::size_t>(25, coordinator.size()), 25, 20, kColumn, 0};
    const std::string protocol = group.state == GroupStateName::Stable ? group.protocol : "";
    const Row head = {"GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS"};
    const Row row = {id, coordinator, protocol, std::string(state_name(group)),
                     std::to_string(group.members.size())};
    return '\n' + line_of(head, widths) + '\n' + line_of(row, widths) + '\n';
}

void say(Said& said, bool talk, const std::string& text) {
    if (text.empty())
        return;
    if (said.empty() || said.back().talk != talk)
        said.push_back({talk, ""});
    said.back().text += text;
}

}  // namespace

Result<Done, TraceError> read_cluster(std::istream& trace,
                                      std::optional<SimTime> at,
                                      ClusterView& view) {
    TraceReader reader(trace, Attributes::Required);
    BSIM_TRY_VOID(reader.header());
    while (true) {
        BSIM_TRY(const std::optional<Event> event, reader.next());
        if (!event || (at && event->t > *at))
            return Done{};
        if (!is_message_event(event->body))
            view.on(*event);
    }
}

std::string list_groups(const ClusterView& view, bool with_state) {
    const auto& groups = view.groups().groups();
    std::vector<std::string> names;
    std::vector<std::uint32_t> hashes;
    std::size_t width = kColumn;
    for (const auto& [id, group] : groups) {
        names.push_back(id);
        hashes.push_back(bsim::java_hash(id));
        width = std::max(width, id.size());
    }
    const Widths widths = {width + 10, 20};
    std::string text = with_state ? line_of({"GROUP", "STATE"}, widths) + '\n' : "";
    for (const std::size_t i : java_hash_order(hashes)) {
        const std::string& id = names[i];
        text += with_state ? line_of({id, std::string(state_name(groups.at(id)))}, widths) : id;
        text += '\n';
    }
    return text;
}

Said describe_groups(const ClusterView& view, const GroupsShown& query) {
    Said said;
    for (const std::string& id : query.groups) {
        const GroupSnapshot& group = *view.groups().group(id);
        std::string table;
        switch (query.table) {
            case GroupTable::Offsets:
                table = offsets_table(view, id, group);
                break;
            case GroupTable::Members:
                table = members_table(id, group, query.verbose);
                break;
            case GroupTable::State:
                table = state_table(id, group);
                break;
        }
        say(said, true, about_state(id, group));
        say(said, false, table);
    }
    // The real tool ends its table of offsets in the middle of a line.
    for (auto last = said.rbegin(); last != said.rend(); ++last) {
        if (last->talk)
            continue;
        if (!last->text.ends_with('\n'))
            last->text += '\n';
        break;
    }
    return said;
}

}  // namespace bsim
