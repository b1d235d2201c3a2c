#include "sim/report/why/explainer.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "sim/report/why/check_causes.h"
#include "sim/report/why/hindrance.h"
#include "sim/report/why/permits.h"
#include "sim/report/why/rules.h"

namespace bsim {
namespace {

// No chain of causes is longer than this; a rule that goes in circles ends here.
constexpr std::size_t kLongest = 60;
constexpr std::size_t kMostChains = 8;
constexpr std::size_t kMostConcerns = 3;

why::Because reason(const why::Case& c, const Event& event) {
    return std::visit(
        [&](const auto& body) -> why::Because {
            if constexpr (requires { why::why(c, event, body); }) {
                return why::why(c, event, body);
            } else {
                return why::as_recorded(c, event);
            }
        },
        event.body);
}

bool has_chain_from(const Explanation& out, const Event& event) {
    return std::any_of(out.chains.begin(), out.chains.end(), [&](const WhyChain& chain) {
        return std::any_of(chain.steps.begin(), chain.steps.end(),
                           [&](const WhyStep& step) { return step.event == &event; });
    });
}

void add_cause(Explanation& out, TrueCause cause) {
    const bool told = std::any_of(out.causes.begin(), out.causes.end(), [&](const TrueCause& c) {
        return c.origin == cause.origin && c.text == cause.text;
    });
    if (!told)
        out.causes.push_back(std::move(cause));
}

// A batch is given up because its time is up: the fault only takes longer than that.
void add_time_outs(const WhyChain& chain, Explanation& out) {
    for (const WhyStep& step : chain.steps) {
        for (const NamedSetting& setting : step.settings) {
            if (as<ProduceFailed>(*step.event) != nullptr && setting.key == "delivery.timeout.ms")
                add_cause(out, {Origin::Setting,
                                setting.text() + ": what is not acknowledged by then is given up",
                                {}});
        }
    }
}

void add_ends(Explanation& out) {
    for (const WhyChain& chain : out.chains) {
        if (chain.steps.empty())
            continue;
        add_time_outs(chain, out);
        const WhyStep& last = chain.steps.back();
        const EventNumber i = last.event == nullptr ? EventNumber{} : last.event->i;
        if (chain.origin == Origin::Unexplained)
            continue;
        add_cause(out, {chain.origin, chain.cause.empty() ? last.what : chain.cause, i});
    }
}

// Faults and settings are why something went wrong; that clients have work to do is not.
int rank(const TrueCause& cause) {
    switch (cause.origin) {
        case Origin::Setting:
            return 0;
        case Origin::Fault:
            return 1;
        case Origin::Network:
            return 2;
        case Origin::Action:
            return 3;
        case Origin::Start:
            return 4;
        case Origin::Workload:
            return 5;
        case Origin::Unexplained:
            return 6;
    }
    return 7;
}

bool is_serious(const TrueCause& cause) {
    return rank(cause) <= 2;
}

void sort_causes(Explanation& out) {
    std::stable_sort(out.causes.begin(), out.causes.end(),
                     [](const TrueCause& a, const TrueCause& b) { return rank(a) < rank(b); });
    if (!out.causes.empty() && is_serious(out.causes.front()))
        std::erase_if(out.causes, [](const TrueCause& cause) { return rank(cause) >= 3; });
}

// Events that come by the thousand say little about why something changed just then.
bool tells_by_itself(const Event& event) {
    const auto* const acked = as<ProduceAcked>(event);
    if (acked != nullptr)
        return acked->latency_ns >= milliseconds(20);
    return as<LogAppended>(event) == nullptr && as<HwAdvanced>(event) == nullptr &&
           as<OffsetCommitted>(event) == nullptr && as<RecordsConsumed>(event) == nullptr;
}

void note_unexplained(Explanation& out) {
    for (const WhyChain& chain : out.chains) {
        if (chain.origin == Origin::Unexplained && !chain.steps.empty()) {
            const Event* const event = chain.steps.back().event;
            out.notes.push_back(fmt::format(
                "Nothing in the trace leads to event {}: no fault and no setting explains it.",
                event == nullptr ? 0 : event->i.value()));
        }
    }
}

// Settings on the way that alone take longer than the expectation allows.
void judge_bound(Explanation& out, const ExpressionStory& story) {
    if (!story.within)
        return;
    std::vector<TrueCause> found;
    for (const WhyChain& chain : out.chains) {
        for (const WhyStep& step : chain.steps) {
            for (const NamedSetting& setting : step.settings) {
                const bool in_ms = setting.key.ends_with(".ms");
                const auto span = in_ms ? setting.span() : std::nullopt;
                if (span && *span >= *story.within)
                    found.push_back({Origin::Setting,
                                     fmt::format("{}: this alone may take {}, and {} are allowed",
                                                 setting.text(), why::seconds_text(*span),
                                                 why::seconds_text(*story.within)),
                                     {}});
            }
        }
    }
    for (auto at = found.rbegin(); at != found.rend(); ++at) {
        const bool told =
            std::any_of(out.causes.begin(), out.causes.end(),
                        [&](const TrueCause& cause) { return cause.text == at->text; });
        if (!told)
            out.causes.insert(out.causes.begin(), *at);
    }
}

}  // namespace

std::string_view name(Origin origin) {
    switch (origin) {
        case Origin::Fault:
            return "fault";
        case Origin::Setting:
            return "setting";
        case Origin::Start:
            return "start";
        case Origin::Action:
            return "action";
        case Origin::Workload:
            return "workload";
        case Origin::Network:
            return "network";
        case Origin::Unexplained:
            return "unexplained";
    }
    return "";
}

Explainer::Explainer(const StoredTrace& trace, const RunFacts& facts)
    : trace_(trace), facts_(facts), troubles_(trace, facts) {}

WhyChain Explainer::chain(const Event& from, std::string title) const {
    Explanation whole;
    add_chains(from, title, whole);
    return whole.chains.front();
}

void Explainer::add_chains(const Event& from, const std::string& title, Explanation& out) const {
    if (out.chains.size() >= kMostChains || has_chain_from(out, from))
        return;
    const why::Case c{trace_, facts_, troubles_};
    WhyChain chain;
    chain.title = title;
    std::vector<why::Side> sides;
    std::set<EventNumber> seen;
    for (const Event* at = &from; at != nullptr;) {
        seen.insert(at->i);
        why::Because because = reason(c, *at);
        const bool goes_on = because.next != nullptr && !seen.contains(because.next->i) &&
                             because.next->t <= at->t && chain.steps.size() < kLongest;
        chain.steps.push_back({at, why::words(c, *at), because.how, std::move(because.settings)});
        for (why::Side& side : because.sides)
            sides.push_back(std::move(side));
        for (const NamedSetting& setting : chain.steps.back().settings) {
            if (setting.by != EventNumber{})
                sides.push_back({"what set " + setting.key, trace_.find(setting.by)});
        }
        if (!goes_on) {
            chain.origin = because.next == nullptr ? because.origin : Origin::Unexplained;
            chain.cause = std::move(because.cause);
        }
        at = goes_on ? because.next : nullptr;
    }
    out.chains.push_back(std::move(chain));
    for (const why::Side& side : sides) {
        if (side.event != nullptr)
            add_chains(*side.event, side.title, out);
    }
}

Explanation Explainer::explain(const Event& event) const {
    Explanation out;
    add_chains(event, "", out);
    const WhyStep& first = out.chains.front().steps.front();
    out.subject =
        fmt::format("{} at {} (event {})", first.what, why::time_text(event.t), event.i.value());
    add_ends(out);
    const why::Case c{trace_, facts_, troubles_};
    for (const TrueCause& cause : why::permits_in(c, out.chains))
        add_cause(out, cause);
    sort_causes(out);
    note_unexplained(out);
    return out;
}

Explanation Explainer::explain(const CheckFinding& finding) const {
    const why::Case c{trace_, facts_, troubles_};
    Explanation out;
    const bool there = trace_.size() > 0 && finding.i <= trace_.last_number();
    out.subject = fmt::format(
        "{} is {} at {}{}: {}", finding.check,
        finding.permitted ? "broken as the settings permit it" : "violated",
        why::time_text(finding.t),
        there ? fmt::format(" (event {})", finding.i.value()) : std::string(", the end of the run"),
        finding.detail);
    const why::CheckCauses causes = why::causes_of(c, finding);
    for (const why::Side& strand : causes.strands)
        add_chains(*strand.event, strand.title, out);
    for (const TrueCause& cause : causes.permits)
        add_cause(out, cause);
    add_ends(out);
    sort_causes(out);
    const TrueCause* const first = out.causes.empty() ? nullptr : &out.causes.front();
    const bool setting = first != nullptr && is_serious(*first) && first->origin != Origin::Fault;
    const bool excused = (causes.settings_excuse && setting) ||
                         (causes.is_liveness && (setting || in_force(out, finding.t)));
    const bool explained = !causes.permits.empty() || excused;
    if (explained) {
        note_unexplained(out);
    } else {
        out.notes.push_back(causes.blame);
    }
    return out;
}

bool Explainer::in_force(const Explanation& told, SimTime at) const {
    return std::any_of(told.causes.begin(), told.causes.end(), [&](const TrueCause& cause) {
        const Event* const event = trace_.find(cause.i);
        const auto* const fault = event == nullptr ? nullptr : as<FaultStarted>(*event);
        if (fault == nullptr || cause.origin != Origin::Fault)
            return cause.origin == Origin::Fault;
        // What an administrator does stays.
        if (fault->fault == "config-change" || fault->fault == "topic-delete")
            return true;
        return std::any_of(troubles_.all().begin(), troubles_.all().end(), [&](const Trouble& d) {
            const bool lasts = !d.to || *d.to + seconds(20) >= at;
            return d.fault == fault->f && lasts;
        });
    });
}

bool Explainer::add_concerns(const ExpressionStory& story, Explanation& out) const {
    const why::Case c{trace_, facts_, troubles_};
    std::vector<why::Because> found;
    std::optional<TrueCause> work;
    for (const Concern& concern : story.concerns) {
        why::Because because = why::in_the_way(c, concern);
        if (because.next == nullptr && because.origin == Origin::Workload) {
            // How much there was to do says something only if nothing else does.
            work = TrueCause{because.origin, because.cause, {}};
        } else if (because.next != nullptr || because.origin != Origin::Unexplained) {
            found.push_back(std::move(because));
        }
    }
    if (found.empty() && work)
        add_cause(out, *work);
    for (std::size_t k = 0; k < std::min(found.size(), kMostConcerns); ++k) {
        const why::Because& because = found[k];
        if (because.next == nullptr) {
            add_cause(out, {because.origin, because.cause, {}});
            continue;
        }
        add_chains(*because.next, because.how, out);
        for (const why::Side& side : because.sides)
            add_chains(*side.event, side.title, out);
        for (const NamedSetting& setting : because.settings) {
            if (const Event* const change = trace_.find(setting.by))
                add_chains(*change, "what set " + setting.key, out);
        }
    }
    return !found.empty() || work;
}

Explanation Explainer::explain(const ExpressionStory& story) const {
    const why::Case c{trace_, facts_, troubles_};
    Explanation out;
    out.subject = story.subject;
    const Event* const event = trace_.find(story.i);
    const bool telling = event != nullptr && tells_by_itself(*event);
    if (telling)
        add_chains(*event, "", out);
    const bool known = add_concerns(story, out);
    if (event != nullptr && !telling && !known)
        add_chains(*event, "", out);
    for (const EventNumber other : story.others) {
        const Event* const found = known ? nullptr : trace_.find(other);
        if (found != nullptr)
            add_chains(*found, "", out);
    }
    add_ends(out);
    for (const TrueCause& cause : why::permits_in(c, out.chains))
        add_cause(out, cause);
    sort_causes(out);
    judge_bound(out, story);
    if (out.chains.empty() && out.causes.empty())
        out.notes.emplace_back("No event changed what it asks about.");
    note_unexplained(out);
    return out;
}

}  // namespace bsim
