#include <algorithm>
#include <charconv>
#include <set>

#include "sim/model/partition_name.h"
#include "sim/report/why/check_causes.h"

namespace bsim::why {
namespace {

bool is_word(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           ch == '.' || ch == '_' || ch == '-';
}

std::vector<std::string> words_in(const std::string& text) {
    std::vector<std::string> out;
    std::string word;
    for (const char ch : text + ' ') {
        if (is_word(ch)) {
            word += ch;
            continue;
        }
        while (!word.empty() && word.back() == '.')
            word.pop_back();
        if (!word.empty())
            out.push_back(word);
        word.clear();
    }
    return out;
}

template <class Int>
bool parse(const std::string& word, Int& out) {
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, out);
    return error == std::errc{} && stop == end;
}

struct Known {
    std::set<std::string> nodes;
    std::set<TopicPartition> partitions;
    std::set<std::string> groups;
};

Known known_in(const StoredTrace& trace) {
    Known out;
    for (const Event& event : trace.events()) {
        out.nodes.insert(event.n.text());
        if (const auto* change = as<PartitionChanged>(event))
            out.partitions.insert(change->p);
        if (const auto* joined = as<MemberJoined>(event))
            out.groups.insert(joined->group);
        if (const auto* committed = as<OffsetCommitted>(event))
            out.groups.insert(committed->group);
    }
    return out;
}

template <class T>
void add(std::vector<T>& list, const T& value) {
    if (std::find(list.begin(), list.end(), value) == list.end())
        list.push_back(value);
}

}  // namespace

Mentions mentions_of(const Case& c, const std::string& detail) {
    const Known known = known_in(c.trace);
    Mentions out;
    std::string before;
    for (const std::string& word : words_in(detail)) {
        std::uint64_t event = 0;
        std::int32_t number = 0;
        const auto p = parse_partition_name(word);
        if (known.nodes.contains(word)) {
            add(out.nodes, word);
        } else if (known.groups.contains(word)) {
            add(out.groups, word);
        } else if (p && (known.partitions.contains(*p) || is_metadata(*p))) {
            add(out.partitions, *p);
        } else if (before == "event" && parse(word, event)) {
            add(out.events, EventNumber(event));
        } else if (before == "epoch" && parse(word, number)) {
            add(out.epochs, number);
        } else if ((before == "broker" || before == "brokers" || before == "follower" ||
                    before == "leader" || before == "node" || before == "nodes" ||
                    before == "and") &&
                   parse(word, number)) {
            const std::string node = node_of(c, BrokerId(number));
            if (known.nodes.contains(node))
                add(out.nodes, node);
        }
        before = word;
    }
    return out;
}

}  // namespace bsim::why
