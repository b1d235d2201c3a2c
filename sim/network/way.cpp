#include "sim/network/way.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/base/overloaded.h"

namespace bsim {
namespace {

// Draws for one train and one hazard; see the header.
constexpr std::int64_t kMostDraws = 1024;

bool can_strike(const LossModel& model) {
    return std::visit(
        Overloaded{[](const IndependentLoss& loss) { return loss.probability.numerator > 0; },
                   [](const BurstLoss&) { return true; }},
        model);
}

}  // namespace

// What the hazards of one train have done so far.
struct Way::Hits {
    std::int64_t segment = 0;  // the first of those that are drawn for
    std::int64_t run = 1;      // how many they are
    bool lost = false;
    bool corrupted = false;
    bool duplicated = false;
    bool reordered = false;

    void note(Kind kind) {
        lost = lost || kind == Kind::Loss;
        corrupted = corrupted || kind == Kind::Corrupt;
        duplicated = duplicated || kind == Kind::Duplicate;
        reordered = reordered || kind == Kind::Reorder;
    }
};

Way::Laid::Laid(const PacketRule& rule, std::optional<RngStream> draws) : stream(std::move(draws)) {
    const auto strikes_at = [&](Kind kind, const LossModel& model) {
        if (can_strike(model))
            hazard.emplace(Hazard{kind, model, &*stream});
    };
    std::visit(Overloaded{[&](const ExtraLatency& d) { latency.emplace(d.latency); },
                          [&](const PacketLoss& d) { strikes_at(Kind::Loss, d.loss); },
                          [&](const PacketDuplication& d) {
                              strikes_at(Kind::Duplicate, IndependentLoss{d.probability});
                          },
                          [&](const PacketReordering& d) {
                              strikes_at(Kind::Reorder, IndependentLoss{d.probability});
                          },
                          [&](const PacketCorruption& d) {
                              strikes_at(Kind::Corrupt, IndependentLoss{d.probability});
                          },
                          [&](const RateLimit& d) { bits_per_second = d.bits_per_second; }},
               rule.what);
}

Way::Way(const Parts& parts, HostId from, HostId to)
    : parts_(parts),
      from_(from),
      to_(to),
      route_version_(parts.topology.version() - 1),
      rules_version_(parts.rules.version() - 1) {}

std::string Way::stream_name(Kind kind) const {
    const auto word = [kind] {
        switch (kind) {
            case Kind::Latency:
                return "latency";
            case Kind::Loss:
                return "loss";
            case Kind::Corrupt:
                return "corrupt";
            case Kind::Duplicate:
                return "duplicate";
            case Kind::Reorder:
                return "reorder";
            case Kind::Again:
                break;
        }
        return "again";
    };
    return "network/" + parts_.topology.name(from_) + ">" + parts_.topology.name(to_) + "/" +
           word();
}

// Made when first drawn from: its state does not depend on when that is.
RngStream& Way::make_stream(Kind kind) {
    return streams_[static_cast<std::size_t>(kind)].emplace(parts_.rng.stream(stream_name(kind)));
}

void Way::find_route() {
    const Topology::Route* const route = parts_.topology.route(from_, to_);
    route_version_ = parts_.topology.version();
    hazards_.clear();
    links_.clear();
    routed_ = route != nullptr;
    if (routed_)
        add_links(*route);
    calm_ = hazards_.empty() && laid_.empty();
}

void Way::add_links(const Topology::Route& route) {
    links_.assign(route.begin(), route.end());
    const auto add = [this](Kind kind, const LossModel& model) {
        if (can_strike(model))
            hazards_.push_back({kind, model, &stream(kind)});
    };
    for (const Link* link : links_) {
        add(Kind::Loss, link->spec().loss);
        add(Kind::Corrupt, IndependentLoss{link->spec().corrupt});
        add(Kind::Duplicate, IndependentLoss{link->spec().duplicate});
        add(Kind::Reorder, IndependentLoss{link->spec().reorder});
    }
}

Way::Kind Way::kind_of(const Disturbance& what) {
    return std::visit(Overloaded{[](const ExtraLatency&) { return Kind::Latency; },
                                 [](const PacketLoss&) { return Kind::Loss; },
                                 [](const PacketDuplication&) { return Kind::Duplicate; },
                                 [](const PacketReordering&) { return Kind::Reorder; },
                                 [](const PacketCorruption&) { return Kind::Corrupt; },
                                 [](const RateLimit&) { return Kind::Again; }},
                      what);
}

// Rules that stay keep their queues and the positions of their streams.
void Way::find_rules() {
    rules_version_ = parts_.rules.version();
    cut_ = from_ == to_ ? RuleVerdict::Pass : parts_.rules.verdict(from_, to_);
    const auto covering = parts_.rules.disturbances(from_, to_);
    std::erase_if(laid_, [&](const auto& entry) { return !covering.contains(entry.first); });
    for (const auto& [id, rule] : covering) {
        if (laid_.contains(id) || from_ == to_)
            continue;
        std::optional<RngStream> draws;
        const Kind kind = kind_of(rule->what);
        if (kind != Kind::Again)
            draws.emplace(parts_.rng.stream(stream_name(kind) + "/" + rule->name));
        laid_.try_emplace(id, *rule, std::move(draws));
    }
    calm_ = hazards_.empty() && laid_.empty();
}

const char* Way::why_dropped() {
    refresh();
    return cut_ == RuleVerdict::Pass ? "no route" : "partition";
}

std::optional<SimDuration> Way::draw_latency(bool again) {
    refresh();
    if (!routed_)
        return std::nullopt;
    SimDuration sum;
    for (const Link* link : links_) {
        if (!link->latency().is_constant())
            sum = sum + link->latency().sample(stream(again ? Kind::Again : Kind::Latency));
        else
            sum = sum + link->latency().typical();
    }
    return sum;
}

bool Way::strikes(Hazard& hazard, RngStream& draws) {
    if (const auto* independent = std::get_if<IndependentLoss>(&hazard.model))
        return draws.chance(independent->probability);
    const auto& burst = std::get<BurstLoss>(hazard.model);
    const bool turns = draws.chance(hazard.bad ? burst.bad_to_good : burst.good_to_bad);
    hazard.bad = hazard.bad != turns;
    return draws.chance(hazard.bad ? burst.loss_in_bad : burst.loss_in_good);
}

// Draws for the next run of segments and takes account of what has struck them.
void Way::endanger(const Train& train, Hits& hits, TrainFate& fate) {
    hits.lost = hits.corrupted = hits.duplicated = false;
    const auto face = [&](Hazard& hazard) {
        if (strikes(hazard, train.again ? stream(Kind::Again) : *hazard.stream))
            hits.note(hazard.kind);
    };
    for (Hazard& hazard : hazards_)
        face(hazard);
    for (auto& [id, laid] : laid_) {
        if (laid.hazard)
            face(*laid.hazard);
    }
    if (hits.lost || hits.corrupted) {
        fate.corrupted = fate.missing == 0 ? !hits.lost : fate.corrupted;
        fate.missing += hits.run;
        (hits.lost ? counters.lost_segments : counters.corrupted_segments) +=
            static_cast<std::uint64_t>(hits.run);
        return;
    }
    if (fate.missing > 0)
        fate.after += hits.run;
    if (hits.duplicated)
        fate.copies += hits.run;
}

// What hazards and rules do to a train; returns its latency.
SimDuration Way::disturb(const Train& train, TransmitQueue::Passage& passage, TrainFate& fate) {
    SimDuration latency = train.latency;
    bool in_danger = !hazards_.empty();
    for (auto& [id, laid] : laid_) {
        if (laid.bits_per_second)
            laid.queue.pass(passage, train.bytes, *laid.bits_per_second);
        if (laid.latency) {
            latency =
                latency + laid.latency->sample(train.again ? stream(Kind::Again) : *laid.stream);
        }
        in_danger = in_danger || laid.hazard;
    }
    if (!in_danger)
        return latency;
    Hits hits;
    const std::int64_t run = (train.segments + kMostDraws - 1) / kMostDraws;
    for (; hits.segment < train.segments; hits.segment += run) {
        hits.run = std::min(run, train.segments - hits.segment);
        endanger(train, hits, fate);
    }
    counters.duplicated_segments += static_cast<std::uint64_t>(fate.copies);
    if (hits.reordered && routed_) {
        ++counters.reordered_trains;
        RngStream& draws = stream(train.again ? Kind::Again : Kind::Reorder);
        for (const Link* link : links_)
            latency = latency + link->latency().sample(draws);
    }
    return latency;
}

TrainFate Way::send(const Train& train) {
    refresh();
    TrainFate fate;
    TransmitQueue::Passage passage{train.sent, train.sent};
    for (Link* link : links_)
        link->pass(passage, train.bytes);
    const SimDuration latency = calm_ ? train.latency : disturb(train, passage, fate);
    if (train.again)
        counters.retransmitted_segments += static_cast<std::uint64_t>(train.segments);
    fate.arrival = passage.last + latency;
    return fate;
}

}  // namespace bsim
