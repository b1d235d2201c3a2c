#include "sim/model/config_table.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {
namespace {

using Rows = std::span<const ConfigDef>;

std::vector<ConfigDef> merge(Rows a, Rows b) {
    std::vector<ConfigDef> rows(a.begin(), a.end());
    rows.insert(rows.end(), b.begin(), b.end());
    std::sort(rows.begin(), rows.end(),
              [](const ConfigDef& x, const ConfigDef& y) { return x.name < y.name; });
    return rows;
}

}  // namespace

std::span<const ConfigDef> config_table(ConfigKind kind) {
    using namespace config_rows;
    static const std::vector<ConfigDef> kBroker = merge(broker_rows(), broker_far_rows());
    static const std::vector<ConfigDef> kTopic = merge(topic_rows(), {});
    static const std::vector<ConfigDef> kProducer = merge(producer_rows(), client_security_rows());
    static const std::vector<ConfigDef> kConsumer = merge(consumer_rows(), client_security_rows());
    switch (kind) {
        case ConfigKind::Broker:
            return kBroker;
        case ConfigKind::Topic:
            return kTopic;
        case ConfigKind::Producer:
            return kProducer;
        case ConfigKind::Consumer:
            return kConsumer;
    }
    BSIM_CHECK(false);
}

const ConfigDef* find_config(ConfigKind kind, std::string_view name) {
    const auto rows = config_table(kind);
    const auto at =
        std::lower_bound(rows.begin(), rows.end(), name,
                         [](const ConfigDef& row, std::string_view n) { return row.name < n; });
    return at != rows.end() && at->name == name ? &*at : nullptr;
}

}  // namespace bsim
