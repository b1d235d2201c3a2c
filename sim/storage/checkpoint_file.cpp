#include "sim/storage/checkpoint_file.h"

#include <charconv>
#include <fmt/format.h>
#include <functional>

#include "sim/storage/atomic_file.h"

namespace bsim {
namespace {

template <class Int>
bool parse_number(std::string_view text, Int& value) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc() && end == text.data() + text.size() && !text.empty();
}

// Takes the next line off `rest`; a final line without a newline counts.
std::optional<std::string_view> next_line(std::string_view& rest) {
    if (rest.empty())
        return {};
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

// Splits at runs of white space into exactly `Count` words.
template <std::size_t Count>
bool split_words(std::string_view line, std::array<std::string_view, Count>& words) {
    constexpr std::string_view kSpace = " \t\v\f\r";
    for (std::size_t i = 0; i < Count; ++i) {
        const std::size_t end = line.find_first_of(kSpace);
        words[i] = line.substr(0, end);
        if (words[i].empty())
            return false;
        if (end == std::string_view::npos)
            return i + 1 == Count;
        const std::size_t next = line.find_first_not_of(kSpace, end);
        if (next == std::string_view::npos)
            return i + 1 == Count;
        line.remove_prefix(next);
    }
    return false;
}

Err<StorageError> malformed(const std::string& path, std::string_view what) {
    return Err{StorageError{StorageErrorKind::Corrupt, path, std::string(what)}};
}

using LineTaker = std::function<bool(std::string_view line)>;

Stored<Done> read_checkpoint(Disk& disk, const std::string& path, const LineTaker& take) {
    BSIM_TRY(const std::string content, read_file(disk, path));
    std::string_view rest = content;
    const auto version_line = next_line(rest);
    if (!version_line)
        return Done{};
    std::int32_t version = 0;
    if (!parse_number(*version_line, version))
        return malformed(path, "malformed version line");
    if (version != 0)
        return malformed(path, fmt::format("unknown version {}", version));
    const auto count_line = next_line(rest);
    if (!count_line)
        return Done{};
    std::int32_t expected = 0;
    if (!parse_number(*count_line, expected))
        return malformed(path, "malformed count line");
    std::int64_t found = 0;
    while (const auto line = next_line(rest)) {
        if (!take(*line))
            return malformed(path, fmt::format("malformed line '{}'", *line));
        ++found;
    }
    if (found != expected) {
        return malformed(path, fmt::format("expected {} entries, found {}", expected, found));
    }
    return Done{};
}

}  // namespace

std::string format_offset_checkpoint(std::span<const OffsetCheckpointEntry> entries) {
    std::string text = fmt::format("0\n{}\n", entries.size());
    for (const OffsetCheckpointEntry& entry : entries) {
        fmt::format_to(std::back_inserter(text), "{} {} {}\n", entry.partition.topic,
                       entry.partition.partition.value(), entry.offset.value());
    }
    return text;
}

Stored<Done> write_offset_checkpoint(Disk& disk,
                                     const std::string& path,
                                     std::span<const OffsetCheckpointEntry> entries) {
    return write_file_atomically(disk, path, format_offset_checkpoint(entries));
}

Stored<std::vector<OffsetCheckpointEntry>> read_offset_checkpoint(Disk& disk,
                                                                  const std::string& path) {
    std::vector<OffsetCheckpointEntry> entries;
    BSIM_TRY_VOID(read_checkpoint(disk, path, [&](std::string_view line) {
        std::array<std::string_view, 3> words;
        std::int32_t partition = 0;
        std::int64_t offset = 0;
        if (!split_words(line, words) || !parse_number(words[1], partition) ||
            !parse_number(words[2], offset)) {
            return false;
        }
        entries.push_back({{std::string(words[0]), PartitionIndex(partition)}, Offset(offset)});
        return true;
    }));
    return entries;
}

std::string format_epoch_checkpoint(std::span<const EpochEntry> entries) {
    std::string text = fmt::format("0\n{}\n", entries.size());
    for (const EpochEntry& entry : entries) {
        fmt::format_to(std::back_inserter(text), "{} {}\n", entry.epoch.value(),
                       entry.start.value());
    }
    return text;
}

Stored<Done> write_epoch_checkpoint(Disk& disk,
                                    const std::string& path,
                                    std::span<const EpochEntry> entries) {
    return write_file_atomically(disk, path, format_epoch_checkpoint(entries));
}

Stored<std::vector<EpochEntry>> read_epoch_checkpoint(Disk& disk, const std::string& path) {
    std::vector<EpochEntry> entries;
    BSIM_TRY_VOID(read_checkpoint(disk, path, [&](std::string_view line) {
        std::array<std::string_view, 2> words;
        std::int32_t epoch = 0;
        std::int64_t start = 0;
        if (!split_words(line, words) || !parse_number(words[0], epoch) ||
            !parse_number(words[1], start)) {
            return false;
        }
        entries.push_back({LeaderEpoch(epoch), Offset(start)});
        return true;
    }));
    return entries;
}

}  // namespace bsim
