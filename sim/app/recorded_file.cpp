#include "sim/app/recorded_file.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "sim/scenario/json.h"

namespace bsim {
namespace {

using Kind = JsonNode::Kind;

// Which members name the states of the form without steps, in order.
constexpr std::string_view kStatePrefix = "state_after_";

class Reader {
  public:
    Reader(const std::string& text, const std::string& file) : source_(file, text) {}

    Result<std::vector<RecordedStory>, std::vector<Diagnostic>> read() {
        const JsonParse parsed = json_parse(source_.text(), JsonOptions{true, 0, 0});
        for (const JsonError& error : parsed.errors)
            report(error.code, error.offset, error.length,
                   {error.pointer, error.message, error.expected});
        if (parsed.root != nullptr && found_.empty())
            stories(*parsed.root);
        if (found_.empty() && out_.empty())
            complain(*parsed.root, "E0102", "there is no story in the recording",
                     "an object with scenario, initial and steps, or lists of these");
        if (!found_.empty())
            return Err{std::move(found_)};
        return std::move(out_);
    }

  private:
    struct Said {
        std::string pointer;
        std::string message;
        std::string expected;
    };
    void report(std::string_view code, std::size_t offset, std::size_t length, const Said& said) {
        const TextPosition at = source_.position(offset);
        const Excerpt excerpt = source_.excerpt(offset, length);
        Diagnostic out;
        out.file = std::string(source_.name());
        out.line = at.line;
        out.column = at.column;
        out.pointer = said.pointer;
        out.code = std::string(code);
        out.message = said.message;
        out.expected = said.expected;
        out.excerpt = excerpt.text;
        out.caret_column = excerpt.caret_column;
        out.caret_length = excerpt.caret_length;
        found_.push_back(std::move(out));
    }
    void complain(const JsonNode& node,
                  std::string_view code,
                  std::string message,
                  std::string expected) {
        report(code, node.offset, std::max<std::size_t>(node.length, 1),
               {node.pointer(), std::move(message), std::move(expected)});
    }

    // A story, a list of things, or an object with lists of stories in it.
    void stories(const JsonNode& node) {
        if (node.kind == Kind::Array) {
            for (const JsonNode& child : node.children)
                stories(child);
        } else if (node.kind != Kind::Object) {
            complain(node, "E0103",
                     fmt::format("expected a story, got {}", json_kind_name(node.kind)),
                     "an object");
        } else if (node.find("steps") != nullptr || node.find("initial") != nullptr) {
            with_steps(node);
        } else if (node.find("state_before") != nullptr) {
            without_steps(node);
        } else if (node.find("scenario") == nullptr) {
            for (const JsonNode& child : node.children) {
                if (child.kind == Kind::Array || child.kind == Kind::Object)
                    stories(child);
            }
        }
    }

    const JsonNode* want(const JsonNode& node, std::string_view key, Kind kind) {
        const JsonNode* const found = node.find(key);
        if (found == nullptr) {
            complain(node, "E0102", fmt::format("\"{}\" is missing", key),
                     std::string(json_kind_name(kind)));
            return nullptr;
        }
        if (found->kind == kind)
            return found;
        complain(*found, "E0103", fmt::format("\"{}\" is {}", key, json_kind_name(found->kind)),
                 std::string(json_kind_name(kind)));
        return nullptr;
    }

    std::optional<std::int32_t> integer(const JsonNode& node) {
        std::int32_t out = 0;
        const char* const end = node.text.data() + node.text.size();
        const auto [stop, error] = std::from_chars(node.text.data(), end, out);
        if (node.kind == Kind::Number && error == std::errc{} && stop == end && out >= -1)
            return out;
        complain(node, node.kind == Kind::Number ? "E0105" : "E0103",
                 fmt::format("expected a whole number, got {}",
                             node.text.empty() ? json_kind_name(node.kind) : node.text),
                 "a whole number of at least -1");
        return std::nullopt;
    }

    std::optional<std::int32_t> wanted_integer(const JsonNode& node, std::string_view key) {
        const JsonNode* const found = want(node, key, Kind::Number);
        return found == nullptr ? std::nullopt : integer(*found);
    }

    std::optional<RecordedState> state(const JsonNode& node) {
        if (node.kind != Kind::Object) {
            complain(node, "E0103",
                     fmt::format("a state is an object, not {}", json_kind_name(node.kind)),
                     "{\"leader\": 1, \"leaderEpoch\": 0, \"isr\": [1, 2, 3]}");
            return std::nullopt;
        }
        const auto leader = wanted_integer(node, "leader");
        const auto epoch = wanted_integer(node, "leaderEpoch");
        const JsonNode* const isr = want(node, "isr", Kind::Array);
        RecordedState out;
        if (isr != nullptr) {
            for (const JsonNode& member : isr->children) {
                if (const auto id = integer(member))
                    out.isr.emplace_back(*id);
            }
        }
        if (const JsonNode* const version = node.find("partitionEpoch")) {
            if (const auto number = integer(*version))
                out.partition_epoch = PartitionEpoch(*number);
        }
        if (!leader || !epoch || isr == nullptr)
            return std::nullopt;
        if (*leader >= 0)
            out.leader = BrokerId(*leader);
        out.leader_epoch = LeaderEpoch(*epoch);
        return out;
    }

    // {"orders-0": {state}, ...}
    std::map<TopicPartition, RecordedState> states(const JsonNode& node) {
        std::map<TopicPartition, RecordedState> out;
        for (const JsonNode& child : node.children) {
            const auto p = parse_recorded_partition(child.key);
            if (!p) {
                complain(child, "E0104", fmt::format("\"{}\" is no partition", child.key),
                         "a topic, a hyphen and a number, such as orders-0");
                continue;
            }
            if (const auto one = state(child))
                out[*p] = *one;
        }
        return out;
    }

    static bool is_state(const JsonNode& node) { return node.find("leader") != nullptr; }

    // The changes of the partition that the metadata log tells of.
    std::vector<RecordedState> logged(const JsonNode& log, const TopicPartition& p) {
        std::vector<RecordedState> out;
        for (const JsonNode& record : log.children) {
            const JsonNode* const of = record.find("partition");
            const JsonNode* const after = record.find("after");
            if (of == nullptr || after == nullptr || of->text != p.to_string())
                continue;
            if (const auto one = state(*after))
                out.push_back(*one);
        }
        return out;
    }

    // In ZooKeeper mode: the znodes as they were seen to change.
    std::vector<RecordedState> observed(const JsonNode& list, const TopicPartition& p) {
        const std::string path =
            fmt::format("/brokers/topics/{}/partitions/{}/state", p.topic, p.partition.value());
        std::vector<RecordedState> out;
        for (const JsonNode& seen : list.children) {
            const JsonNode* const znode = seen.find("partition");
            const JsonNode* const text = seen.find("text");
            if (znode == nullptr || text == nullptr || znode->text != path)
                continue;
            if (const auto one = znode_state(*text))
                out.push_back(*one);
        }
        return out;
    }

    std::optional<RecordedState> znode_state(const JsonNode& node) {
        static constexpr std::string_view kVersion = " zkVersion=";
        const std::size_t at = node.text.rfind(kVersion);
        const JsonParse parsed =
            at == std::string::npos
                ? JsonParse{}
                : json_parse(std::string_view(node.text).substr(0, at), JsonOptions{});
        RecordedState out;
        bool good = parsed.root != nullptr && parsed.errors.empty();
        const auto number = [&](std::string_view text) {
            std::int32_t value = 0;
            const auto [stop, error] =
                std::from_chars(text.data(), text.data() + text.size(), value);
            good = good && error == std::errc{} && stop == text.data() + text.size();
            return value;
        };
        const auto get = [&](std::string_view key) {
            const JsonNode* const found = good ? parsed.root->find(key) : nullptr;
            good = good && found != nullptr;
            return found == nullptr ? 0 : number(found->text);
        };
        const std::int32_t leader = get("leader");
        out.leader_epoch = LeaderEpoch(get("leader_epoch"));
        if (good)
            out.partition_epoch =
                PartitionEpoch(number(std::string_view(node.text).substr(at + kVersion.size())));
        if (const JsonNode* const isr = good ? parsed.root->find("isr") : nullptr) {
            for (const JsonNode& member : isr->children)
                out.isr.emplace_back(number(member.text));
        }
        if (!good) {
            complain(node, "E0104", "this is not what the znode of a partition holds",
                     "{\"leader\":1,\"leader_epoch\":0,\"isr\":[1,2]} zkVersion=0");
            return std::nullopt;
        }
        if (leader >= 0)
            out.leader = BrokerId(leader);
        return out;
    }

    std::vector<RecordedState> changes_in(const JsonNode& node, const TopicPartition& p) {
        const JsonNode* const log = node.find("metadata_log");
        const JsonNode* const seen = node.find("observed");
        if (log != nullptr && !log->children.empty())
            return logged(*log, p);
        return seen == nullptr ? std::vector<RecordedState>{} : observed(*seen, p);
    }

    RecordedStory story_of(const JsonNode& node, const TopicPartition& p, RecordedState initial) {
        RecordedStory story;
        const JsonNode* const name = node.find("scenario");
        const JsonNode* const mode = node.find("mode");
        story.name = name == nullptr ? "story" : name->text;
        story.mode = mode == nullptr ? "kraft" : mode->text;
        story.p = p;
        story.initial = std::move(initial);
        return story;
    }

    void with_steps(const JsonNode& node) {
        const JsonNode* const initial = want(node, "initial", Kind::Object);
        const JsonNode* const steps = want(node, "steps", Kind::Array);
        if (initial == nullptr || steps == nullptr)
            return;
        for (auto& [p, at] : states(*initial)) {
            RecordedStory story = story_of(node, p, at);
            for (const JsonNode& step : steps->children)
                add_step(step, story);
            out_.push_back(std::move(story));
        }
    }

    void add_step(const JsonNode& node, RecordedStory& story) {
        if (node.kind != Kind::Object)
            return complain(node, "E0103", "a step is an object", "an object");
        RecordedStep step;
        if (const JsonNode* const name = want(node, "step", Kind::String))
            step.name = name->text;
        step.changes = changes_in(node, story.p);
        const JsonNode* const after = node.find("state_after");
        if (after != nullptr && is_state(*after)) {
            step.after = state(*after);
        } else if (after != nullptr) {
            const auto all = states(*after);
            if (const auto found = all.find(story.p); found != all.end())
                step.after = found->second;
        } else if (node.find("metadata_log") == nullptr && node.find("observed") == nullptr) {
            complain(node, "E0102", "the step tells neither changes nor the state after it",
                     "state_after, metadata_log or observed");
        }
        story.steps.push_back(std::move(step));
    }

    // One list of changes, and the states that it went through.
    void without_steps(const JsonNode& node) {
        const JsonNode* const before = want(node, "state_before", Kind::Object);
        if (before == nullptr)
            return;
        for (auto& [p, at] : states(*before)) {
            RecordedStory story = story_of(node, p, at);
            const std::vector<RecordedState> changes = changes_in(node, p);
            std::size_t next = 0;
            for (const JsonNode& child : node.children) {
                if (!child.key.starts_with(kStatePrefix) || child.kind != Kind::Object)
                    continue;
                const auto all = states(child);
                const auto found = all.find(p);
                if (found == all.end())
                    continue;
                RecordedStep step{child.key.substr(kStatePrefix.size()), {}, found->second};
                take_until(found->second, changes, next, step);
                story.steps.push_back(std::move(step));
            }
            out_.push_back(std::move(story));
        }
    }

    static void take_until(const RecordedState& wanted,
                           const std::vector<RecordedState>& changes,
                           std::size_t& next,
                           RecordedStep& step) {
        const auto is = [&](const RecordedState& change) {
            return change.leader == wanted.leader && change.leader_epoch == wanted.leader_epoch &&
                   change.isr == wanted.isr;
        };
        const auto from = changes.begin() + static_cast<std::ptrdiff_t>(next);
        const auto at = std::find_if(from, changes.end(), is);
        if (at == changes.end())
            return;
        step.changes.assign(from, at + 1);
        next = static_cast<std::size_t>(at + 1 - changes.begin());
    }

    SourceText source_;
    std::vector<Diagnostic> found_;
    std::vector<RecordedStory> out_;
};

}  // namespace

Result<std::vector<RecordedStory>, std::vector<Diagnostic>> parse_recording(
    const std::string& text, const std::string& file_name) {
    return Reader(text, file_name).read();
}

}  // namespace bsim
