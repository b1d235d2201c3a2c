// The order in which a scenario is judged: text, shape, meaning, likely mistakes.
#include "sim/base/check.h"
#include "sim/scenario/build.h"
#include "sim/scenario/name_check.h"
#include "sim/scenario/shape.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

// Needs to know whether messages are recorded.
void build_recorded_events(Build& build) {
    const JsonNode* const kinds = member(member(&build.root, "record"), "events");
    if (kinds == nullptr || kinds->kind != JsonNode::Kind::Array)
        return;
    for (const JsonNode& kind : kinds->children) {
        if (const auto text = text_of(&kind)) {
            NameCheck(build, kind).event_kind(*text, {0, text->size()});
            build.out.record_events.emplace(*text);
        }
    }
}

void build_head(Build& build) {
    build.out.name = std::string(text_of(member(&build.root, "name")).value_or(""));
    build.out.title = std::string(text_of(member(&build.root, "title")).value_or(""));
    if (const auto seed = integer_of(member(&build.root, "seed"))) {
        build.out.seed = static_cast<std::uint64_t>(*seed);
    }
    build.out.duration = duration_of(member(&build.root, "duration")).value_or(SimDuration{});
    const auto messages = text_of(member(member(&build.root, "record"), "messages"));
    build.out.record_messages = messages == "headers" ? MessageRecording::Headers
                                : messages == "full"  ? MessageRecording::Full
                                                      : MessageRecording::None;
    build.out.snapshot_every = duration_of(member(member(&build.root, "record"), "snapshot_every"));
    build_recorded_events(build);
}

// Warnings wait until the errors are mended: what is wrong may be their cause.
std::vector<Diagnostic> errors_of(Document& document) {
    std::vector<Diagnostic> out = document.take_diagnostics();
    std::erase_if(out, [](const Diagnostic& d) { return d.severity == Severity::Warning; });
    return out;
}

void build_all(Build& build) {
    build_head(build);
    build_cluster(build);
    build_topics(build);
    build_producers(build);
    build_consumers(build);
    build_network(build);
    build_switches(build);
    build_faults(build);
    build_expect(build);
    lint(build);
}

std::size_t count(const JsonNode& root, std::string_view list) {
    const JsonNode* node = member(&root, list);
    return node == nullptr ? 0 : node->children.size();
}

}  // namespace

Result<Scenario, std::vector<Diagnostic>> parse_scenario(const ScenarioText& input,
                                                         const Vocabulary& vocabulary) {
    Document document(input);
    if (document.root() == nullptr) {
        return Err{errors_of(document)};
    }
    const JsonNode& root = *document.root();
    Build build{document, vocabulary, root};
    try {
        check_shape(document, vocabulary);
        build_all(build);
    } catch (const TooManyErrors&) {
        return Err{errors_of(document)};
    }
    if (document.has_errors()) {
        return Err{errors_of(document)};
    }
    // Nothing may be lost without an error.
    BSIM_CHECK(!build.out.brokers.empty() && !build.out.controllers.empty());
    BSIM_CHECK(build.out.topics.size() == count(root, "topics"));
    BSIM_CHECK(build.out.producers.size() == count(root, "producers"));
    BSIM_CHECK(build.out.consumers.size() == count(root, "consumers"));
    BSIM_CHECK(build.out.faults.size() == count(root, "faults"));
    BSIM_CHECK(build.out.expect.size() == count(root, "expect"));
    build.out.warnings = document.take_diagnostics();
    return std::move(build.out);
}

Result<Scenario, std::vector<Diagnostic>> parse_scenario(std::string_view text,
                                                         std::string_view file_name,
                                                         const Vocabulary& vocabulary) {
    return parse_scenario(ScenarioText{text, file_name, {}}, vocabulary);
}

}  // namespace bsim
