#include "sim/metrics/csv_rows.h"

#include "sim/base/check.h"

namespace bsim::metrics {

namespace {

// Quotes what was appended from `from` on, if it must be.
void quote_from(std::string& out, std::size_t from) {
    if (out.find_first_of(",\"\r\n", from) == std::string::npos)
        return;
    std::string quoted = "\"";
    for (const char c : out.substr(from)) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    quoted += '"';
    out.replace(from, std::string::npos, quoted);
}

}  // namespace

void CsvRows::add(const Sample& sample) {
    BSIM_CHECK(metric_ != nullptr);
    append_decimal(out_, {at_.ns(), 0});
    out_ += ',';
    out_ += sample.node;
    out_ += ',';
    out_ += metric_->name;
    out_ += sample.suffix;
    out_ += ',';
    const std::size_t labels = out_.size();
    for (const Label& label : sample.labels) {
        if (out_.size() != labels)
            out_ += ';';
        out_ += label.name;
        out_ += '=';
        out_ += label.value;
    }
    quote_from(out_, labels);
    out_ += ',';
    append_decimal(out_, sample.value);
    out_ += '\n';
}

}  // namespace bsim::metrics
