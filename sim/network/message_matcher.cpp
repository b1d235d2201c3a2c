#include "sim/network/message_matcher.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sim/model/ids.h"
#include "sim/wire/api_table.h"
#include "sim/wire/field_sink.h"

namespace bsim {
namespace {

constexpr std::string_view kPartition = "partition";

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// How Kafka's schemas call the topic and the index of a partition.
constexpr std::array<std::string_view, 3> kTopicFields{"name", "topic", "topicName"};
constexpr std::array<std::string_view, 5> kIndexFields{"partition", "partitionIndex", "index",
                                                       "partitionId", "partitions"};

// Ticks off the entries of a filter as a message tells its fields.
class MatchSink final : public wire::FieldSink {
  public:
    MatchSink(const std::map<std::string, std::string>& wanted, const TopicNameOf& topic_name)
        : topic_name_(topic_name) {
        for (const auto& [name, value] : wanted)
            open_.push_back({name, value});
    }

    bool all_met() const {
        return std::all_of(open_.begin(), open_.end(), [](const Entry& e) { return e.met; });
    }

    void open_object() override { topics_.push_back(topics_.empty() ? "" : topics_.back()); }
    void close_object() override { topics_.pop_back(); }
    void open_array() override {}
    void close_array() override {}
    void name(const char* field) override { field_ = field; }

    void null() override {}
    void boolean(bool value) override { meet(value ? "true" : "false"); }
    void number(std::int64_t value) override {
        const std::string text = std::to_string(value);
        meet(text);
        if (is_one_of(field_, kIndexFields) && !topics_.empty() && !topics_.back().empty())
            meet(kPartition, topics_.back() + "-" + text);
    }
    void real(double /*value*/) override {}
    void text(std::string_view value) override {
        meet(value);
        if (is_one_of(field_, kTopicFields) && !topics_.empty())
            topics_.back() = value;
    }
    void uuid(const Uuid& value) override {
        meet(value.to_string());
        if (field_ != "topicId" || topics_.empty() || value == Uuid{} || !topic_name_)
            return;
        if (auto name = topic_name_(value))
            topics_.back() = std::move(*name);
    }
    void bytes(ByteView /*value*/) override {}
    void records(const SharedBytes& /*value*/) override {}

  private:
    struct Entry {
        std::string_view name;
        std::string_view value;
        bool met = false;
    };

    void meet(std::string_view value) { meet(field_, value); }
    void meet(std::string_view name, std::string_view value) {
        for (Entry& entry : open_)
            entry.met = entry.met || (entry.name == name && entry.value == value);
    }

    const TopicNameOf& topic_name_;
    std::vector<Entry> open_;
    std::vector<std::string> topics_;  // of the objects that are open, as far as known
    std::string_view field_;
};

template <class Body>
void tell(const Body& body, std::int16_t version, wire::FieldSink& sink) {
    std::visit([&](const auto& message) { describe(message, version, sink); },
               static_cast<const typename Body::variant&>(body));
}

}  // namespace

MessageMatcher make_matcher(const MessageFilter& filter, TopicNameOf topic_name) {
    return [filter, resolve = std::move(topic_name)](const Frame& frame) {
        const auto* request = std::get_if<wire::Request>(&frame.message);
        if (filter.of == MessageFilter::Of::Request && request == nullptr)
            return false;
        if (filter.of == MessageFilter::Of::Response && request != nullptr)
            return false;
        if (wire::name(frame.api) != filter.api)
            return false;
        if (filter.match.empty())
            return true;
        MatchSink sink(filter.match, resolve);
        if (request != nullptr) {
            tell(request->body, request->version, sink);
        } else {
            const auto& response = std::get<wire::Response>(frame.message);
            tell(response.body, response.version, sink);
        }
        return sink.all_met();
    };
}

}  // namespace bsim
