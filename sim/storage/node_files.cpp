#include "sim/storage/node_files.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <map>

#include <nlohmann/json.hpp>

#include "sim/storage/atomic_file.h"
#include "sim/storage/log_files.h"

namespace bsim {
namespace {

Err<StorageError> corrupt(const std::string& path, std::string_view what) {
    return Err{StorageError{StorageErrorKind::Corrupt, path, std::string(what)}};
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

// java.util.Date's form, "Fri Nov 20 20:50:26 UTC 2026". Days to civil date after H. Hinnant's
// chrono-compatible algorithms: years begin in March, eras have 400 years.
std::string java_date(WallMs now) {
    constexpr std::array<std::string_view, 7> kDays{"Thu", "Fri", "Sat", "Sun",
                                                    "Mon", "Tue", "Wed"};
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::int64_t seconds = floor_div(now.value(), 1000);
    const std::int64_t days = floor_div(seconds, 86'400);
    const std::int64_t in_day = seconds - days * 86'400;
    const std::int64_t since_0000_03_01 = days + 719'468;
    const std::int64_t era = floor_div(since_0000_03_01, 146'097);
    const std::int64_t day_of_era = since_0000_03_01 - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const std::int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const std::int64_t month = (month_from_march + 2) % 12;  // 0 is January
    const std::int64_t year = year_of_era + era * 400 + (month < 2 ? 1 : 0);
    const std::int64_t weekday = days - floor_div(days, 7) * 7;  // day 0 was a Thursday
    return fmt::format("{} {} {:02} {:02}:{:02}:{:02} UTC {}",
                       kDays[static_cast<std::size_t>(weekday)],
                       kMonths[static_cast<std::size_t>(month)], day, in_day / 3600,
                       in_day / 60 % 60, in_day % 60, year);
}

// A value as java.util.Properties stores it.
std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == ':' || c == '=' || c == '#' || c == '!' || c == '\\')
            text += '\\';
        text += c;
    }
    return text;
}

using Properties = std::map<std::string, std::string, std::less<>>;

Properties parse_properties(std::string_view text) {
    Properties properties;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t equals = line.find('=');
        if (line.empty() || line[0] == '#' || equals == std::string_view::npos)
            continue;
        std::string value;
        for (std::size_t i = equals + 1; i < line.size(); ++i) {
            if (line[i] == '\\' && i + 1 < line.size())
                ++i;
            value += line[i];
        }
        properties.insert_or_assign(std::string(line.substr(0, equals)), std::move(value));
    }
    return properties;
}

}  // namespace

std::string format_meta_properties(const MetaProperties& properties, WallMs now) {
    // Keys in the order of Java's hash table, which is the same for these four in every file.
    return fmt::format("#\n#{}\nnode.id={}\ndirectory.id={}\nversion=1\ncluster.id={}\n",
                       java_date(now), properties.node_id.value(),
                       properties.directory_id.to_string(), escaped(properties.cluster_id));
}

Stored<Done> write_meta_properties(Disk& disk,
                                   const std::string& dir,
                                   const MetaProperties& properties,
                                   WallMs now) {
    return write_file_atomically(disk, join_path(dir, kMetaProperties),
                                 format_meta_properties(properties, now));
}

Stored<MetaProperties> read_meta_properties(Disk& disk, const std::string& dir) {
    const std::string path = join_path(dir, kMetaProperties);
    BSIM_TRY(const std::string content, read_file(disk, path));
    const Properties found = parse_properties(content);
    const auto get = [&](std::string_view key) {
        const auto at = found.find(key);
        return at == found.end() ? std::string() : at->second;
    };
    if (get("version") != "1")
        return corrupt(path, "version is not 1");
    MetaProperties properties;
    const std::string node = get("node.id");
    std::int32_t id = 0;
    const auto [end, code] = std::from_chars(node.data(), node.data() + node.size(), id);
    if (code != std::errc() || end != node.data() + node.size() || id < 0) {
        return corrupt(path, "node.id is no id");
    }
    const auto directory = Uuid::parse(get("directory.id"));
    if (!directory)
        return corrupt(path, "directory.id is no uuid");
    if (get("cluster.id").empty())
        return corrupt(path, "cluster.id is missing");
    return MetaProperties{BrokerId(id), *directory, get("cluster.id")};
}

Stored<Done> write_clean_shutdown(Disk& disk, const std::string& dir, BrokerEpoch epoch) {
    return write_file_synced(disk, join_path(dir, kCleanShutdownFile),
                             fmt::format("{{\"version\":0,\"brokerEpoch\":{}}}", epoch.value()));
}

Stored<std::optional<BrokerEpoch>> read_clean_shutdown(Disk& disk, const std::string& dir) {
    const auto content = read_file(disk, join_path(dir, kCleanShutdownFile));
    if (!content.ok()) {
        if (content.error().kind != StorageErrorKind::NotFound)
            return Err{content.error()};
        return std::optional<BrokerEpoch>();
    }
    const auto json = nlohmann::json::parse(*content, nullptr, false);
    const bool usable =
        json.is_object() && json.contains("brokerEpoch") && json["brokerEpoch"].is_number_integer();
    const std::int64_t epoch = usable ? json["brokerEpoch"].get<std::int64_t>() : -1;
    return std::optional<BrokerEpoch>(BrokerEpoch(epoch));
}

Stored<Done> remove_clean_shutdown(Disk& disk, const std::string& dir) {
    return remove_if_exists(disk, join_path(dir, kCleanShutdownFile));
}

Stored<Done> write_partition_metadata(Disk& disk, const std::string& dir, const Uuid& topic_id) {
    return write_file_atomically(disk, join_path(dir, kPartitionMetadata),
                                 "version: 0\ntopic_id: " + topic_id.to_string());
}

Stored<Uuid> read_partition_metadata(Disk& disk, const std::string& dir) {
    const std::string path = join_path(dir, kPartitionMetadata);
    BSIM_TRY(const std::string content, read_file(disk, path));
    constexpr std::string_view kFront = "version: 0\ntopic_id: ";
    std::string_view rest = content;
    if (!rest.starts_with(kFront))
        return corrupt(path, "malformed");
    rest.remove_prefix(kFront.size());
    if (rest.ends_with('\n'))
        rest.remove_suffix(1);
    const auto id = Uuid::parse(rest);
    if (!id || id->is_zero())
        return corrupt(path, "no topic id");
    return *id;
}

}  // namespace bsim
