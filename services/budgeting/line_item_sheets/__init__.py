"""The XLSX form of a proposal's line items: the template that is filled in is also the export."""
